from itertools import islice

import pytest

from agent.link.backoff import (
    Closed,
    HttpRefused,
    Misconfigured,
    NoToken,
    NotTls,
    Silent,
    TlsFailed,
    Unreachable,
    Verdict,
    backoff,
    limited_retry,
    slow_retry,
    verdict,
)

ALMOST_ONE = 1 - 2**-53


def first(number, delays):
    return list(islice(delays, number))


def closed(code, last_code="", lived=60.0):
    return verdict(Closed(code, last_code, lived))


@pytest.mark.parametrize(
    "failure", [Closed(1001, "", 5.0), Closed(1012, "", 400.0), Closed(1000, "session_expired", 9)]
)
def test_a_planned_close_is_no_fault(failure):
    assert verdict(failure) is Verdict.PLANNED


@pytest.mark.parametrize("failure", [Closed(1001, "", 4.9), Closed(1012, "", 0), Closed(None, "session_expired", 1)])
def test_a_planned_close_right_after_the_dial_is_not_believed(failure):
    assert verdict(failure) is Verdict.RETRY


@pytest.mark.parametrize("code", [None, 1000, 1005, 1006, 1008, 1009, 1011, 1013, 4999])
def test_any_other_close_is_tried_again(code):
    assert closed(code) is closed(code, "server_error") is Verdict.RETRY


@pytest.mark.parametrize(
    "failure",
    [
        HttpRefused(401),
        HttpRefused(403),
        Closed(4401, "", 600.0),
        Closed(4000, "", 0.1),
        Closed(1005, "beta_api_shape_disabled", 0.1),
        Closed(1001, "invalid_api_key", 600.0),
        Closed(None, "account_deactivated", 600.0),
        Misconfigured("unknown_parameter"),
        NoToken("READING_CORNER_TOKEN"),
    ],
)
def test_what_only_a_person_can_mend_is_refused(failure):
    assert verdict(failure) is Verdict.REFUSED


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached", "rate_limit_exceeded"])
def test_over_budget_means_later(code):
    assert closed(1001, code) is verdict(HttpRefused(429)) is Verdict.LIMITED


@pytest.mark.parametrize("out_of_date", [9, 10])
def test_a_certificate_of_another_time_is_laid_to_our_clock_unless_that_is_known_to_be_set(out_of_date):
    assert verdict(TlsFailed(out_of_date)) is Verdict.CLOCK
    assert verdict(TlsFailed(out_of_date, clock_is_set=True)) is Verdict.BLOCKED


@pytest.mark.parametrize(
    "failure", [*map(TlsFailed, (18, 19, 20, 21, 62)), *map(HttpRefused, (200, 302, 307, 511)), NotTls()]
)
def test_who_answers_in_the_relays_place_needs_a_person_but_may_go_away(failure):
    assert verdict(failure) is Verdict.BLOCKED


@pytest.mark.parametrize("failure", [Unreachable("dns"), Silent(), HttpRefused(404), HttpRefused(503)])
def test_what_may_pass_by_itself_is_tried_again(failure):
    assert verdict(failure) is Verdict.RETRY


def test_delays_double_up_to_the_ceiling():
    assert first(5, backoff(1.0, 2.0, 5.0, lambda: 0.5)) == [0.5, 1.0, 2.0, 2.5, 2.5]


def test_a_delay_is_anything_from_nothing_to_its_longest():
    assert first(3, backoff(1.0, 2.0, 5.0, lambda: 0.0)) == [0.0, 0.0, 0.0]
    assert max(first(10, backoff(1.0, 2.0, 5.0, lambda: ALMOST_ONE))) < 5.0
    assert first(1, backoff(9.0, 2.0, 5.0, lambda: 0.5)) == [2.5]


def test_delays_go_on_for_ever_without_overflow():
    assert first(3000, backoff(1.0, 10.0, 30.0, lambda: 0.5))[-1] == 15.0


def test_a_refused_device_comes_back_after_two_to_five_minutes():
    assert first(2, slow_retry(lambda: 0.0)) == [120.0, 120.0]
    assert first(1, slow_retry(lambda: 0.5)) == [210.0]


def test_retry_after_is_obeyed_and_never_undercut():
    assert limited_retry(30.0, lambda: 0.0) == 30.0
    assert limited_retry(30.0, lambda: 0.5) == 31.5
    assert limited_retry(None, lambda: 0.5) == 210.0


def test_an_absurd_retry_after_is_neither_a_storm_nor_a_day():
    assert limited_retry(1e9, lambda: 0.0) == 3600.0
    assert limited_retry(0.0, lambda: 0.0) == limited_retry(float("nan"), lambda: 0.0) == 5.0
