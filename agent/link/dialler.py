"""How the device dials its relay: the token read afresh, the query that a relay expects, a real socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from agent.link.backoff import NoToken, Verdict, verdict
from agent.link.token import Token, TokenMissing, carry, find_tokens
from agent.link.transport import DialFailed, Transport
from agent.link.trust import trusting
from agent.link.websocket import dial
from agent.settings import Settings
from agent.units import Seconds


def dialler(
    settings: Settings, environ: Mapping[str, str], clock: Callable[[], Seconds]
) -> Callable[[], Awaitable[Transport]]:
    """
    Make the function that dials.

    A token that a relay sent, and refuses now, is no reason to stay outside: the one that a person put here is tried.

    Raises:
        BadInput: If no relay is set, or `relay.ca_file` is no good.

    """
    about = {
        "device_id": settings.device_id,
        "school_id": settings.school_id,
        "language": settings.language,
        "grade": str(settings.grade),
    }
    url = f"{settings.relay_url()}?{urlencode(about | settings.relay.query)}"

    trust = trusting(settings.relay.ca_file) if settings.relay.ca_file else None

    async def dial_with(token: Token) -> Transport:
        return await dial(carry(token, settings.relay.auth, url), clock, trust=trust)

    async def dial_relay() -> Transport:
        try:
            *others, last = find_tokens(settings.relay.token_file, environ)
        except TokenMissing as missing:
            raise DialFailed(NoToken(missing.where)) from None
        for found in others:
            try:
                return await dial_with(found.token)
            except DialFailed as failed:
                if verdict(failed.failure) is not Verdict.REFUSED:
                    raise
        return await dial_with(last.token)

    return dial_relay
