"""Dialling the relay over a real WebSocket: the only import of `websockets` on the device."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.datastructures import Headers, HeadersLike
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.http11 import USER_AGENT
from websockets.typing import Subprotocol

from agent.board.readings import clock_synchronised
from agent.link.backoff import Failure, HttpRefused, NotTls, TlsFailed, Unreachable
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


HAPPY_EYEBALLS_S: Final = 0.25
"""A school's network may promise IPv6 and drop it: the next address is tried after so long (RFC 8305, section 8)."""

QUIET: Final = logging.Logger("websockets of the device", logging.CRITICAL + 1)  # noqa: LOG001 -- nobody may configure it
"""The library logs request lines, headers and messages: the token, and what was said. This logs nothing."""

NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})
"""What OpenSSL calls plain text where TLS should begin: the first in 3.0, the others in later versions."""


class WebSocket:
    """A connected socket, as `agent.link.transport.Transport`."""

    def __init__(self, socket: ClientConnection, clock: Callable[[], Seconds]) -> None:
        self._socket, self._clock, self._opened = socket, clock, clock()

    @property
    def round_trip(self) -> Seconds | None:
        """How long the last ping was on its way, which the library calls 0 before the first came back."""
        return Seconds(self._socket.latency) if self._socket.latency else None

    def lifetime(self, expires_at: int) -> Seconds | None:
        """Seconds left until `expires_at`; reckoned from the handshake's `Date`, a Pi's own clock may be years off."""
        date = _only(self._socket.response.headers, "Date") if self._socket.response else ""
        try:
            far = parsedate_to_datetime(date).timestamp()
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
        try:
            # The library's own time limit begins when the close frame was written, which a stalled network delays.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._socket.close(code)
        finally:
            self._socket.transport.abort()


class _Direct(ClientConnection):
    """A socket that is not led elsewhere: the library follows redirects, and the query would take the token along."""

    async def handshake(
        self, additional_headers: HeadersLike | None = None, user_agent_header: str | None = USER_AGENT
    ) -> None:
        """Ask for the upgrade; every answer but that is a refusal."""
        try:
            return await super().handshake(additional_headers, user_agent_header)
        except InvalidStatus as refused:
            failure = HttpRefused(refused.response.status_code, _retry_after(refused.response.headers))
        raise DialFailed(failure)


async def dial(
    to: Dial, clock: Callable[[], Seconds], root: Path = Path("/"), trust: ssl.SSLContext | None = None
) -> WebSocket:
    """
    Connect and authenticate.

    Args:
        to: Where, and with what.
        clock: Monotonic.
        root: Where the board's files are, for whether the time of day can be believed.
        trust: Whom to believe who they are; None for those whom the system believes, as of now.

    Raises:
        DialFailed: With what the judge needs to know, and nothing of the address or the token.

    """
    try:
        socket = await connect(
            to.url,
            additional_headers=to.headers,
            subprotocols=[Subprotocol(name) for name in to.subprotocols] or None,
            compression=None,
            ssl=(trust or True) if to.url.startswith("wss:") else None,
            proxy=True if to.url.startswith("wss:") else None,  # ours is on this machine when it is not encrypted
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=HANDSHAKE_S,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            close_timeout=CLOSE_S,
            logger=QUIET,
            create_connection=_Direct,
            happy_eyeballs_delay=HAPPY_EYEBALLS_S,
        )
    except (OSError, WebSocketException, EOFError, ValueError) as trouble:
        failure = failure_of(trouble, root)
    else:
        return WebSocket(socket, clock)
    raise DialFailed(
        failure
    )  # out here it has no context: what the library raises may quote the address, token and all


def failure_of(trouble: Exception, root: Path = Path("/")) -> Failure:
    """What the judge needs to know of what was raised before there was an answer."""
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return TlsFailed(trouble.verify_code, clock_synchronised(root) is True)
    if isinstance(trouble, ssl.SSLError) and trouble.reason in NO_TLS:
        return NotTls()
    return Unreachable(type(trouble).__name__)


def _retry_after(headers: Headers) -> Seconds | None:
    """Seconds only: the other form is a date, and our clock may be wrong."""
    value = _only(headers, "Retry-After")
    return Seconds(float(value)) if value.isdecimal() else None


def _only(headers: Headers, name: str) -> str:
    """The header's value; empty unless there is exactly one."""
    values = headers.get_all(name)
    return values[0] if len(values) == 1 else ""


def _ended(closed: ConnectionClosed) -> LinkClosed:
    """Tell what the far end said; 1005 is the library's word for a close frame without a code."""
    return LinkClosed(None if closed.rcvd is None else closed.rcvd.code)
