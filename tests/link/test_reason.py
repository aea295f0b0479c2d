import pytest

from agent.link.backoff import Closed, HttpRefused, Misconfigured, NoToken, Silent, TlsFailed, Unreachable
from agent.link.reason import reason
from agent.units import Seconds


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (HttpRefused(429, Seconds(30)), "refused with HTTP 429"),
        (Closed(1012, "", Seconds(400)), "closed with 1012, lived 400.0 s"),
        (Closed(None, "", Seconds(3.21)), "cut, lived 3.2 s"),
        (Closed(1000, "session_expired", Seconds(3600)), "closed with 1000 after session_expired, lived 3600.0 s"),
        (Closed(None, "invalid_api_key", Seconds(0)), "cut after invalid_api_key, lived 0.0 s"),
        (TlsFailed(9), "certificate not accepted (OpenSSL 9)"),
        (Unreachable("gaierror"), "unreachable (gaierror)"),
        (Silent(), "the session was never configured"),
        (Misconfigured("unknown_parameter"), "the session's settings were refused (unknown_parameter)"),
        (NoToken("file /x is empty"), "no device token: file /x is empty"),
    ],
)
def test_the_journal_is_told_in_a_few_words_why_the_link_is_down(failure, words):
    assert reason(failure) == words
