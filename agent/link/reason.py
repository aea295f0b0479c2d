"""Why the link is down, in a few words for the journal."""

from __future__ import annotations

from typing import assert_never

from agent.link.backoff import Closed, Failure, HttpRefused, Misconfigured, NoToken, Silent, TlsFailed, Unreachable


def reason(failure: Failure) -> str:
    """Say it without the address, the token or anything that was said."""
    match failure:
        case HttpRefused(status):
            return f"refused with HTTP {status}"
        case Closed(code, last_code, lived):
            how = "cut" if code is None else f"closed with {code}"
            after = f" after {last_code}" if last_code else ""
            return f"{how}{after}, lived {lived:.1f} s"
        case TlsFailed(verify_code):
            return f"certificate not accepted (OpenSSL {verify_code})"
        case Unreachable(kind):
            return f"unreachable ({kind})"
        case Silent():
            return "the session was never configured"
        case Misconfigured(code):
            return f"the session's settings were refused ({code})"
        case NoToken(where):
            return f"no device token: {where}"
        case _:  # pragma: no cover -- mypy proves that there is no other failure
            assert_never(failure)
