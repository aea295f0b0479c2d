"""
A device's conversation with its tutor, without any socket: itself a tutor, in the dialect of the device.

It configures the session before anything else, turns dialects both ways and keeps to the relay's own session length.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from agent.link.dialect import client_to_ga, to_beta
from agent.relay.conversation import Event
from agent.relay.tutors import Tutor


@dataclasses.dataclass(slots=True)
class Counts:
    """What went through, in events: all a relay may know of a conversation. Records of health were kept or dropped."""

    to_tutor: int = 0
    to_device: int = 0
    health_kept: int = 0
    health_dropped: int = 0

    def reported(self, was_kept: bool) -> None:
        """Count a record of health."""
        self.health_kept += was_kept
        self.health_dropped += not was_kept


class Dialogue:
    """A tutor as a device sees it; `session_expires_at` in Unix seconds, None to leave the tutor's own."""

    def __init__(self, tutor: Tutor, *, beta: bool = False, session_expires_at: int | None = None) -> None:
        self._tutor, self._beta, self._expires_at = tutor, beta, session_expires_at
        self.counts = Counts()

    async def configure(self, session: Mapping[str, Any]) -> None:
        """Ask the tutor for this session, before the device can say anything. Raises TutorGone."""
        await self._tutor.send({"type": "session.update", "event_id": "relay_configuration", "session": dict(session)})

    async def send(self, event: object) -> None:
        """Take a client event of the device. Raises TutorGone."""
        self.counts.to_tutor += 1
        if self._beta and isinstance(event, dict):
            event = client_to_ga(event)
        await self._tutor.send(event)

    async def receive(self) -> Event:
        """The next server event for the device; one reader at a time. Raises TutorGone."""
        while True:
            event = self._with_expiry(await self._tutor.receive())
            told = to_beta(event) if self._beta else event
            if told is not None:
                self.counts.to_device += 1
                return told

    async def close(self) -> None:
        """End it."""
        await self._tutor.close()

    def _with_expiry(self, event: Event) -> Event:
        session = event.get("session")
        if self._expires_at is None or not isinstance(session, dict):
            return event
        return {**event, "session": {**session, "expires_at": self._expires_at}}
