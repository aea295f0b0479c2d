"""
Health for a relay that asks for it, below the session: neither the conversation nor its turns know of it.

What asks is taken off the wire before a session could find it unknown; what answers shares only the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Mapping

from agent.link.health import FLOOR, asked, report
from agent.link.passing import Passing
from agent.link.transport import LinkClosed, Transport
from agent.units import Seconds

Health = Callable[[], Mapping[str, object]]
"""The record as it is now."""


def reporting(dial: Callable[[], Awaitable[Transport]], health: Health) -> Callable[[], Awaitable[Transport]]:
    """Dial as before, on transports that answer whoever asks for the device's health."""

    async def connected() -> Transport:
        return Reporting(await dial(), health)

    return connected


class Reporting(Passing):
    """A transport that answers for itself when it is asked for health; everything else it carries as it is."""

    def __init__(self, transport: Transport, health: Health) -> None:
        super().__init__(transport)
        self._health = health
        self._numbers = itertools.count(1)
        self._not_before = 0.0
        self._answering: asyncio.Task[None] | None = None

    async def receive(self) -> str | bytes:
        """Wait for the next message that is not about health. Raises LinkClosed, and what `health` raised: a bug."""
        while True:
            message = await self._transport.receive()
            if self._answering and self._answering.done():
                self._answering.result()
            every = asked(message)
            if every is None:
                return message
            await self._stop()
            if every:
                self._answering = asyncio.create_task(self._answer(every), name="link health")

    async def close(self, code: int) -> None:
        """Close politely; whoever asked hears no more."""
        await self._stop()
        await super().close(code)

    async def _answer(self, every: Seconds) -> None:
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(LinkClosed):  # whoever receives meets the same end, and says how it was
            while True:
                await asyncio.sleep(self._not_before - clock())
                self._not_before = clock() + FLOOR
                await self._transport.send(report(self._health(), next(self._numbers)))
                await asyncio.sleep(every)

    async def _stop(self) -> None:
        if self._answering:
            self._answering.cancel()
            await asyncio.wait([self._answering])
