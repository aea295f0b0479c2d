import pytest

from agent.link.backoff import (
    Closed,
    GivenUp,
    HttpRefused,
    Misconfigured,
    NoToken,
    NotTls,
    Silent,
    TlsFailed,
    Unreachable,
)
from agent.link.reason import Kind, kind, reason
from agent.units import Seconds


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (HttpRefused(429, Seconds(30)), "refused with HTTP 429"),
        (Closed(1012, "", Seconds(400)), "closed with 1012, lived 400.0 s"),
        (Closed(None, "", Seconds(3.21)), "cut, lived 3.2 s"),
        (GivenUp(Seconds(17.04)), "given up, for it did not answer, lived 17.0 s"),
        (Closed(1000, "session_expired", Seconds(3600)), "closed with 1000 after session_expired, lived 3600.0 s"),
        (Closed(None, "invalid_api_key", Seconds(0)), "cut after invalid_api_key, lived 0.0 s"),
        (TlsFailed(9), "certificate not accepted (OpenSSL 9)"),
        (NotTls(), "what answers there is no TLS"),
        (Unreachable("gaierror"), "no connection (gaierror)"),
        (Silent(), "the session was never configured"),
        (Misconfigured("unknown_parameter"), "the session's settings were refused (unknown_parameter)"),
        (NoToken("file /x is empty"), "no device token: file /x is empty"),
    ],
)
def test_the_journal_is_told_in_a_few_words_why_the_link_is_down(failure, words):
    assert reason(failure) == words


@pytest.mark.parametrize(
    ("name", "failures"),
    [
        (
            "token refused",
            [HttpRefused(401), HttpRefused(403), Closed(4401, "", 9.0), Closed(1005, "invalid_api_key", 9)],
        ),
        ("no token", [NoToken("READING_CORNER_TOKEN is not set")]),
        ("limited", [HttpRefused(429), Closed(1000, "insufficient_quota", 9.0)]),
        ("clock behind", [TlsFailed(9), TlsFailed(10)]),
        ("certificate not trusted", [*map(TlsFailed, (18, 19, 20, 21)), TlsFailed(9, True), TlsFailed(10, True)]),
        ("portal", [NotTls(), TlsFailed(62), TlsFailed(64), *map(HttpRefused, (200, 301, 302, 303, 307, 511))]),
        ("name not found", [Unreachable("gaierror"), Unreachable("UnicodeError")]),
        (
            "unreachable",
            [Unreachable("TimeoutError"), Unreachable("InvalidMessage"), HttpRefused(404), HttpRefused(503)],
        ),
        ("planned", [Closed(1012, "", 400.0), Closed(1000, "session_expired", 400.0)]),
        ("lost", [Closed(None, "", 400.0), Closed(1012, "", 1.0), GivenUp(9.0)]),
        ("silent", [Silent()]),
        ("misconfigured", [Misconfigured("unknown_parameter")]),
    ],
)
def test_each_way_to_be_down_has_a_name_that_the_journal_can_explain(name, failures):
    assert {kind(failure) for failure in failures} == {Kind(name)}


def test_there_are_no_other_names():
    assert len(Kind) == 12
