"""
New device tokens, below the session: neither the conversation nor its turns know of them.

What brings one is taken off the wire before a session could find it unknown. It is kept while the session goes on, and
only then answered; the next dial uses it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from agent.link.passing import Passing
from agent.link.rotation import Offer, offered, rotated
from agent.link.token import Token
from agent.link.transport import LinkClosed, Transport

Keep = Callable[[Token], None]
"""Puts a token where the next dial finds it; blocks on the disk, on a thread of its own; raises OSError."""

Told = Callable[[OSError | None], None]
"""Told that a token was kept, or why not."""


def rotating(dial: Callable[[], Awaitable[Transport]], keep: Keep, told: Told) -> Callable[[], Awaitable[Transport]]:
    """Dial as before, on transports that take new tokens; `keep` is called for one at a time."""
    shelf = Shelf(keep, told)

    async def connected() -> Transport:
        return Rotating(await dial(), shelf)

    return connected


class Shelf:
    """Where the tokens of all connections go: one place on the disk."""

    def __init__(self, keep: Keep, told: Told) -> None:
        self.newest: Transport | None = None
        """The connection that was dialled last."""
        self._keep, self._told = keep, told
        self._in_turn = asyncio.Lock()

    async def put(self, token: Token, whence: Transport) -> bool:
        """Keep a token, unless it is one of the past; return whether it is kept."""
        async with self._in_turn:
            # A connection that was replaced may still deliver what waited in the network, after its successor brought
            # a newer one or was let in by one: then this token has ended, and would lock us out.
            if whence is not self.newest:
                return False
            try:
                await asyncio.to_thread(self._keep, token)
            except OSError as trouble:
                self._told(trouble)
                return False
        self._told(None)
        return True


class Rotating(Passing):
    """A transport that keeps the tokens which the relay sends; everything else it carries as it is."""

    def __init__(self, transport: Transport, shelf: Shelf) -> None:
        super().__init__(transport)
        self._shelf = shelf
        shelf.newest = self
        self._keeping: asyncio.Task[None] | None = None

    async def receive(self) -> str | bytes:
        """Wait for the next message that brings no token. Raises LinkClosed, and what `keep` should not: a bug."""
        while True:
            message = await self._transport.receive()
            if self._keeping and self._keeping.done():
                self._keeping.result()
            offer = offered(message)
            if offer is None:
                return message
            await self._kept()  # nobody needs two at a time: who sends them faster than the disk is, waits
            self._keeping = asyncio.create_task(self._accept(offer), name="link token")

    async def close(self, code: int) -> None:
        """Close politely; what is being kept is kept."""
        await super().close(code)
        await self._kept()

    async def _accept(self, offer: Offer) -> None:
        if await self._shelf.put(offer.token, self):
            with contextlib.suppress(LinkClosed):  # the relay learns it when we come with it
                await self._transport.send(rotated(offer.token_id))

    async def _kept(self) -> None:
        if self._keeping:
            await asyncio.wait([self._keeping])
