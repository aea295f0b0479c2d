"""A transport around another: what both sides say goes through as it is. Those who listen in on it change `receive`."""

from __future__ import annotations

from agent.link.transport import Transport
from agent.units import Seconds


class Passing:
    """
    Carries everything for the transport below it.

    Args:
        transport: The one below.

    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def round_trip(self) -> Seconds | None:
        """As the transport has it."""
        return self._transport.round_trip

    def lifetime(self, expires_at: int) -> Seconds | None:
        """As the transport has it."""
        return self._transport.lifetime(expires_at)

    async def send(self, message: str) -> None:
        """Hand a message to the socket. Raises LinkClosed."""
        await self._transport.send(message)

    async def receive(self) -> str | bytes:
        """Wait for the next message. Raises LinkClosed."""
        return await self._transport.receive()

    async def close(self, code: int) -> None:
        """Close politely."""
        await self._transport.close(code)
