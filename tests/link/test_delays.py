import pytest

from agent.link.backoff import CLOCK_RETRY, Closed, HttpRefused, TlsFailed, Unreachable
from agent.link.delays import LONGEST_DELAY, Delays
from agent.units import Seconds

AWAY = Unreachable("gaierror")


def test_retries_come_ever_later_up_to_half_a_minute_until_one_succeeds():
    delays = Delays(lambda: 1.0)
    waited = [delays.after(AWAY) for _ in range(9)]
    assert waited[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waited[-1] == LONGEST_DELAY
    delays.succeeded()
    assert delays.after(AWAY) == 0.5


def test_a_login_page_in_the_relays_place_is_asked_as_often_as_a_network_that_is_away():
    delays = Delays(lambda: 1.0)
    assert [delays.after(failure) for failure in (AWAY, TlsFailed(18), HttpRefused(302), AWAY)] == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (Closed(1012, "", Seconds(400)), 0),
        (TlsFailed(9), CLOCK_RETRY),
        (HttpRefused(401), 210),
        (HttpRefused(429, Seconds(60)), 63),
        (Closed(1000, "insufficient_quota", Seconds(9)), 210),
    ],
)
def test_what_is_no_retry_waits_as_long_as_it_deserves(failure, seconds):
    assert Delays(lambda: 0.5).after(failure) == seconds
