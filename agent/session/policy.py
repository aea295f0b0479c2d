"""What opens and closes a turn. Hands-free turns will be another policy beside this one."""

from __future__ import annotations

from typing import Protocol

from agent.session.events import Event, TurnClosed, TurnOpened


class TurnPolicy(Protocol):
    """Told what hand and server noticed; answers with a fact for the session, or nothing."""

    def pressed(self) -> Event | None:
        """The button went down."""

    def released(self) -> Event | None:
        """The button came up."""

    def voice_started(self) -> Event | None:
        """The server's voice detection heard speech begin."""

    def voice_stopped(self) -> Event | None:
        """The server's voice detection heard speech end."""


class PushToTalk:
    """The hand decides; a server that detects voices all the same is not listened to."""

    def pressed(self) -> Event | None:
        """Open a turn."""
        return TurnOpened()

    def released(self) -> Event | None:
        """Close it."""
        return TurnClosed()

    def voice_started(self) -> Event | None:
        """Nothing: a gate that the server opens would be an open microphone."""
        return None

    def voice_stopped(self) -> Event | None:
        """Nothing: children pause in mid-sentence."""
        return None
