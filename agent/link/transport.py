"""What the link needs of a socket, and the two ways in which one disappoints."""

from __future__ import annotations

from typing import Protocol

from agent.errors import LinkError
from agent.link.backoff import Failure
from agent.units import Seconds


class LinkClosed(LinkError):
    """
    The socket ended, on either side's wish or nobody's.

    Args:
        code: The WebSocket close code; None when there was no close frame.

    """

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with code {code}")
        self.code = code


class DialFailed(LinkError):
    """No session came about; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(type(failure).__name__)
        self.failure = failure


class Transport(Protocol):
    """A connected socket that carries messages."""

    @property
    def round_trip(self) -> Seconds | None:
        """How long the last ping was on its way, there and back; None before the first came back."""

    def lifetime(self, expires_at: int) -> Seconds | None:
        """Seconds left until a moment in unix time, by the far end's own clock; None if that is not known."""

    async def send(self, message: str) -> None:
        """Hand a message to the socket; waits while the network does not take it. Raises LinkClosed."""

    async def receive(self) -> str | bytes:
        """Wait for the next message. Raises LinkClosed."""

    async def close(self, code: int) -> None:
        """Close politely, but not for ever; closing twice is fine."""
