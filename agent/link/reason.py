"""Why the link is down: in a few words for the journal, and by a name that does not change."""

from __future__ import annotations

import enum
from typing import Final, assert_never

from agent.link.backoff import (
    OTHER_NAMES,
    Closed,
    Failure,
    GivenUp,
    HttpRefused,
    Misconfigured,
    NoToken,
    NotTls,
    Silent,
    TlsFailed,
    Unreachable,
    Verdict,
    verdict,
)


class Kind(enum.Enum):
    """What a link is down of; each is a line of its own in the journal's catalog, with what to do about it."""

    TOKEN_REFUSED = "token refused"  # noqa: S105 - a name
    NO_TOKEN = "no token"  # noqa: S105 - a name
    LIMITED = "limited"
    CLOCK_BEHIND = "clock behind"
    NOT_TRUSTED = "certificate not trusted"
    PORTAL = "portal"
    NAME_NOT_FOUND = "name not found"
    UNREACHABLE = "unreachable"
    PLANNED = "planned"
    LOST = "lost"
    SILENT = "silent"
    MISCONFIGURED = "misconfigured"


NAMELESS: Final = frozenset({"gaierror", "UnicodeError", "UnicodeEncodeError"})
"""What looking a name up raises: nobody knows it, no name server answers, or it can not be a name (IDNA)."""

_KINDS: Final = {
    Verdict.REFUSED: Kind.TOKEN_REFUSED,
    Verdict.LIMITED: Kind.LIMITED,
    Verdict.BLOCKED: Kind.PORTAL,
    Verdict.PLANNED: Kind.PLANNED,
}
"""Of what is judged by a number that the far end sent."""


def kind(failure: Failure) -> Kind:
    """Name it."""
    match failure:
        case HttpRefused():
            named = _KINDS.get(verdict(failure), Kind.UNREACHABLE)
        case Closed():
            named = _KINDS.get(verdict(failure), Kind.LOST)
        case GivenUp():
            named = Kind.LOST
        case TlsFailed(verify_code):
            named = _of_certificate(failure, verify_code)
        case NotTls():
            named = Kind.PORTAL
        case Unreachable(raised):
            named = Kind.NAME_NOT_FOUND if raised in NAMELESS else Kind.UNREACHABLE
        case Silent():
            named = Kind.SILENT
        case Misconfigured():
            named = Kind.MISCONFIGURED
        case NoToken():
            named = Kind.NO_TOKEN
        case _:  # pragma: no cover -- mypy proves that there is no other failure
            assert_never(failure)
    return named


def _of_certificate(failure: TlsFailed, verify_code: int) -> Kind:
    if verdict(failure) is Verdict.CLOCK:
        return Kind.CLOCK_BEHIND
    return Kind.PORTAL if verify_code in OTHER_NAMES else Kind.NOT_TRUSTED


def reason(failure: Failure) -> str:
    """Say it without the address, the token or anything that was said."""
    match failure:
        case HttpRefused(status):
            return f"refused with HTTP {status}"
        case Closed(code, last_code, lived):
            how = "cut" if code is None else f"closed with {code}"
            after = f" after {last_code}" if last_code else ""
            return f"{how}{after}, lived {lived:.1f} s"
        case GivenUp(lived):
            return f"given up, for it did not answer, lived {lived:.1f} s"
        case TlsFailed(verify_code):
            return f"certificate not accepted (OpenSSL {verify_code})"
        case NotTls():
            return "what answers there is no TLS"
        case Unreachable(raised):
            return f"no connection ({raised})"
        case Silent():
            return "the session was never configured"
        case Misconfigured(code):
            return f"the session's settings were refused ({code})"
        case NoToken(where):
            return f"no device token: {where}"
        case _:  # pragma: no cover -- mypy proves that there is no other failure
            assert_never(failure)
