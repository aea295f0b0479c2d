"""Dialling the relay over a real WebSocket: the only import of `websockets` on the device."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.http11 import Response
from websockets.typing import Subprotocol

from agent.link.backoff import Failure, HttpRefused, TlsFailed, Unreachable
from agent.link.token import Dial
from agent.link.transport import DialFailed, LinkClosed
from agent.units import Seconds

MAX_MESSAGE_BYTES: Final = 8 * 2**20
"""The library's 1 MiB was met in the field (agents-python#1500); without a limit a relay could fill a Pi's memory."""

HANDSHAKE_S: Final = 10.0
"""A hosted relay authenticates and wakes up before it upgrades."""

PING_S: Final = 20.0
"""Push-to-talk is silent for minutes and load balancers cut what is silent for one; the relay may not ping."""

CLOSE_S: Final = 1.0
"""A far end that does not answer our close is left alone: the agent has two seconds to end."""


class WebSocket:
    """A connected socket, as `agent.link.transport.Transport`."""

    def __init__(self, socket: ClientConnection, clock: Callable[[], Seconds]) -> None:
        self._socket, self._clock, self._opened = socket, clock, clock()

    def lifetime(self, expires_at: int) -> Seconds | None:
        """Seconds left until `expires_at`; reckoned from the handshake's `Date`, a Pi's own clock may be years off."""
        date = self._socket.response.headers.get("Date") if self._socket.response else None
        try:
            far = parsedate_to_datetime(date or "").timestamp()
        except ValueError:
            return None
        return Seconds(max(0.0, expires_at - far - (self._clock() - self._opened)))

    async def send(self, message: str) -> None:
        """Hand a message to the socket; waits while the network does not take it."""
        try:
            await self._socket.send(message)
        except ConnectionClosed as closed:
            raise _ended(closed) from None

    async def receive(self) -> str | bytes:
        """Wait for the next message."""
        try:
            return await self._socket.recv()
        except ConnectionClosed as closed:
            raise _ended(closed) from None

    async def close(self, code: int) -> None:
        """Close politely; give up on politeness after a second."""
        await self._socket.close(code)


async def dial(to: Dial, clock: Callable[[], Seconds]) -> WebSocket:
    """
    Connect and authenticate.

    Raises:
        DialFailed: With what the judge needs to know, and nothing of the address or the token.

    """
    try:
        socket = await connect(
            to.url,
            additional_headers=to.headers,
            subprotocols=[Subprotocol(name) for name in to.subprotocols] or None,
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=HANDSHAKE_S,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            close_timeout=CLOSE_S,
        )
    except (OSError, InvalidHandshake, InvalidURI, EOFError) as trouble:
        raise DialFailed(_failure(trouble)) from None
    return WebSocket(socket, clock)


def _failure(trouble: Exception) -> Failure:
    match trouble:
        case InvalidStatus(response=response):
            return HttpRefused(response.status_code, _retry_after(response))
        case ssl.SSLCertVerificationError(verify_code=code):
            return TlsFailed(code)
        case _:
            return Unreachable(type(trouble).__name__)


def _retry_after(response: Response) -> Seconds | None:
    """Seconds only: the other form is a date, and our clock may be wrong."""
    value = response.headers.get("Retry-After", "")
    return Seconds(float(value)) if value.isdecimal() else None


def _ended(closed: ConnectionClosed) -> LinkClosed:
    """1005 and 1006 are what the library says when there was no code, or no close frame at all."""
    return LinkClosed(None if closed.rcvd is None else closed.rcvd.code)
