"""What can be made to go wrong on purpose, as a hosted relay or a school's network would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection

from agent.relay.door import Refusal


class Levers:
    """
    The open connections, and ways to trouble them.

    `lifetime_s` is the length of sessions to come: they are told it as `expires_at` and closed with 1012; None for
    no planned close.
    """

    def __init__(self, lifetime_s: float | None) -> None:
        self.lifetime_s = lifetime_s
        self.sockets: set[ServerConnection] = set()
        self.refusal: Refusal | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self._end_of_stall: asyncio.TimerHandle | None = None

    async def close_all(self, code: int | None) -> None:
        """Close every connection with this code; None for a close frame without one."""
        # The library sends an empty close frame for None, although its annotation does not mention it.
        await asyncio.gather(*(socket.close(code) for socket in self.sockets))  # type: ignore[arg-type]

    async def hang_up(self) -> None:
        """End every TCP connection without any close frame, as a relay's worker that is killed."""
        await self._ended([socket.transport.close for socket in self.sockets])

    async def cut(self) -> None:
        """Abort every TCP connection; what was on its way may be lost in the middle of a message."""
        await self._ended([socket.transport.abort for socket in self.sockets])

    async def stall(self, seconds: float) -> None:
        """Let no event reach the devices for so long, counted from now; does not wait for it."""
        self._flows.clear()
        if self._end_of_stall is not None:
            self._end_of_stall.cancel()
        self._end_of_stall = asyncio.get_running_loop().call_later(seconds, self._flows.set)

    async def refuse(self, status: int | None, retry_after: int | None = None) -> None:
        """Answer coming upgrades with this HTTP status, and `Retry-After` in seconds; None lets them in again."""
        self.refusal = None if status is None else Refusal(status, retry_after)

    async def flowing(self) -> None:
        """Wait while there is a stall."""
        await self._flows.wait()

    async def _ended(self, orders: list[Callable[[], None]]) -> None:
        sockets = list(self.sockets)
        for order in orders:
            order()
        await asyncio.gather(*(socket.wait_closed() for socket in sockets))
