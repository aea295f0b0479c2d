"""How the device dials its relay: the token read afresh, the query that a relay expects, a real socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from agent.link.backoff import NoToken
from agent.link.token import TokenMissing, carry, read_token
from agent.link.transport import DialFailed, Transport
from agent.link.websocket import dial
from agent.settings import Settings
from agent.units import Seconds


def dialler(
    settings: Settings, environ: Mapping[str, str], clock: Callable[[], Seconds]
) -> Callable[[], Awaitable[Transport]]:
    """
    Make the function that dials.

    Raises:
        BadInput: If no relay is set.

    """
    about = {
        "device_id": settings.device_id,
        "school_id": settings.school_id,
        "language": settings.language,
        "grade": str(settings.grade),
    }
    url = f"{settings.relay_url()}?{urlencode(about | settings.relay.query)}"

    async def dial_relay() -> Transport:
        try:
            token = read_token(settings.relay.token_file, environ)
        except TokenMissing as missing:
            raise DialFailed(NoToken(missing.where)) from None
        return await dial(carry(token, settings.relay.auth, url), clock)

    return dial_relay
