"""When to dial again: a judge that knows nothing of time, and generators of seconds that know nothing of sockets."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.link.gravity import Gravity, gravity
from agent.units import Seconds

Random = Callable[[], float]
"""Uniform in [0, 1): `random.random`, or a number of one's own in tests."""


@dataclass(frozen=True, slots=True)
class HttpRefused:
    """The upgrade was answered with an HTTP status; `retry_after` is the header's wish, if there was one."""

    status: int
    retry_after: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """
    A socket ended.

    Args:
        code: The WebSocket close code; None when there was no close frame.
        last_code: The last error code that weighed on the session, or empty: relays do not forward close codes.
        lived: How long it was open.

    """

    code: int | None
    last_code: str
    lived: Seconds


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A socket that we closed ourselves after so long: the far end kept it open and did not answer."""

    lived: Seconds


@dataclass(frozen=True, slots=True)
class TlsFailed:
    """
    The far end could not be verified.

    Args:
        verify_code: OpenSSL's X509_V_ERR number.
        clock_is_set: Whether our own clock is known to be right, so that a certificate's dates can be judged by it.

    """

    verify_code: int
    clock_is_set: bool = False


@dataclass(frozen=True, slots=True)
class NotTls:
    """What answered in the relay's place does not speak TLS."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No connection: name, route, refusal or time; `kind` says which, for the journal."""

    kind: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The socket opened, but the session was never configured."""


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """The far end refused the session's settings with this error code."""

    code: str


@dataclass(frozen=True, slots=True)
class NoToken:
    """There is no device token; `where` names the places looked at."""

    where: str


Failure = HttpRefused | Closed | GivenUp | TlsFailed | NotTls | Unreachable | Silent | Misconfigured | NoToken


class Verdict(enum.Enum):
    """What a failure asks for."""

    PLANNED = "planned"
    """Dial at once: nothing is wrong."""
    RETRY = "retry"
    """Dial after a `backoff`."""
    REFUSED = "refused"
    """A person has to act: show it, and dial after a `slow_retry`."""
    BLOCKED = "blocked"
    """Somebody else answers in the relay's place: show that a person has to act, but dial after a `backoff`. Some of
    them go away, and the relay is spared: it does not hear of it."""
    LIMITED = "limited"
    """Over budget: show it, and dial after a `limited_retry`."""
    CLOCK = "clock"
    """Our clock is behind: show it, and dial every `CLOCK_RETRY`."""


PLANNED_CODES = frozenset({1001, 1012})
"""Going away, and service restart (RFC 6455 7.4.1 and IANA's registry): what a relay says at its limit of minutes."""

REFUSED_CODES = frozenset({4000, 4401})
"""4000 is OpenAI's end of the beta dialect, or another relay's "superseded by a newer connection": two devices that
share a token would throw each other out for ever. 4401 is our relay's revoked token."""

WORTH_PLANNING = Seconds(5)
"""A session that was shorter did not reach its limit; redialling at once would be a storm."""

CLOCK_RETRY = Seconds(5)
"""A Pi without a battery gets its time seconds after the network; dialling meanwhile costs one handshake each."""

OUT_OF_DATE = frozenset({9, 10})
"""X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED of OpenSSL: as wrong as our clock, as long as that is not set."""

OTHER_NAMES = frozenset({62, 64})
"""X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH of OpenSSL, met only where the issuer is trusted: a login page
with a certificate of its own. Who inspects traffic signs the right name, and is not trusted."""

PORTAL_STATUSES = frozenset({200, *range(300, 400), 511})
"""What no relay answers an upgrade with, and a captive portal does: its page, the way there, and the status made for it
(RFC 6585, section 6)."""

SLOW_FIRST, SLOW_LAST = Seconds(120), Seconds(300)
"""A person needs minutes to act; thousands of refused devices must not become a load."""

SHORTEST_WISH, LONGEST_WISH = Seconds(5), Seconds(3600)
"""A `Retry-After` of 0 must not become a storm, nor a slip of the far end take a corner away for days."""


def verdict(failure: Failure) -> Verdict:
    """Judge a failure."""
    match failure:
        case HttpRefused(status=401 | 403) | Misconfigured() | NoToken():
            return Verdict.REFUSED
        case HttpRefused(status=429):
            return Verdict.LIMITED
        case TlsFailed(code, clock_is_set):
            return Verdict.CLOCK if code in OUT_OF_DATE and not clock_is_set else Verdict.BLOCKED
        case NotTls():
            return Verdict.BLOCKED
        case HttpRefused(status) if status in PORTAL_STATUSES:
            return Verdict.BLOCKED
        case Closed():
            return _closed(failure)
        case _:
            return Verdict.RETRY


def _closed(failure: Closed) -> Verdict:
    weight = gravity(failure.last_code)
    if weight is Gravity.FATAL or failure.code in REFUSED_CODES:
        return Verdict.REFUSED
    if weight is Gravity.LIMITED:
        return Verdict.LIMITED
    expected = weight is Gravity.SESSION or failure.code in PLANNED_CODES
    return Verdict.PLANNED if expected and failure.lived >= WORTH_PLANNING else Verdict.RETRY


def backoff(first: Seconds, factor: float, ceiling: Seconds, random: Random) -> Iterator[Seconds]:
    """
    Delays that grow to `ceiling`, for ever: uniform between 0 and min(ceiling, first * factor**n), "full jitter".

    Formula: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. A district's devices lose the
    relay in the same second; this spreads them over the whole delay.
    """
    longest = min(first, ceiling)
    while True:
        yield Seconds(random() * longest)
        longest = Seconds(min(ceiling, longest * factor))


def slow_retry(random: Random) -> Iterator[Seconds]:
    """Delays of two to five minutes, for ever."""
    while True:
        yield Seconds(SLOW_FIRST + random() * (SLOW_LAST - SLOW_FIRST))


def limited_retry(retry_after: Seconds | None, random: Random) -> Seconds:
    """Not before the far end wishes, and up to a tenth later, so that not all come back in the same second."""
    if retry_after is None:
        return next(slow_retry(random))
    return Seconds(min(max(SHORTEST_WISH, retry_after), LONGEST_WISH) * (1 + 0.1 * random()))
