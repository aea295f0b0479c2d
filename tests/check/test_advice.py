"""Each way in which the link fails is somebody's to put right, and not everybody's the same."""

import pytest

from agent.check.advice import advice
from agent.link.backoff import Closed, HttpRefused, Misconfigured, NoToken, NotTls, Silent, TlsFailed, Unreachable


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        (NoToken("file /x is not there"), "/etc/reading-corner/device-token"),
        (HttpRefused(401), "does not know this device's token"),
        (HttpRefused(403), "does not know this device's token"),
        (HttpRefused(429), "budget"),
        (HttpRefused(503), "relay's log"),
        (HttpRefused(302), "login page"),
        (NotTls(), "login page"),
        (TlsFailed(9), "set the clock"),
        (TlsFailed(10), "renew"),
        (TlsFailed(62), "relay.url"),
        (TlsFailed(64), "relay.url"),
        (TlsFailed(20), "filter"),
        (TlsFailed(92), "of your own"),
        (Unreachable("gaierror"), "firewall"),
        (Silent(), "opens no session"),
        (Misconfigured("turn_detection"), "session's settings"),
        (Closed(4401, "", 0.1), "refuses this device"),
        (Closed(None, "insufficient_quota", 0.1), "budget"),
        (Closed(1011, "", 0.1), "opens no session"),
    ],
)
def test_whose_it_is_to_put_right(failure, word):
    assert word in advice(failure)
