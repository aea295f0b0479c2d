"""What the agent tells those who watch it: numbers and names of things that happened, never content."""

from __future__ import annotations

from typing import Protocol

from agent.units import Seconds

Fact = str | int | float | bool


class Observer(Protocol):
    """Told what happens, on the event loop, as it happens."""

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """
        Take a fact.

        Kinds and their facts: button (down), scene (name), gate (open, turn), commit (turn), delta (turn, samples),
        sound (turn), stall (turn, ms), played (turn, concealed_ms, underruns, overruns, and if known round_trip_ms),
        heard (turn), silence (turn), link (up, why, and when it is down failure, verdict, retry_ms),
        dropped (turn, ms), too_long (turn), unanswered (turn, why), prompt (name), device (which, found, what),
        trouble (name), token (kept, why), hours (open), board (name, wrong, what), stale (name, age_s, moves).

        `agent.health` adds two of its own: turn (every field of `TurnNumbers` that is not None) when one is over, and
        health (`HealthRecord.as_facts()`) once a minute.

        Args:
            kind: What happened.
            at: When, on the agent's monotonic clock; None for now.
            facts: Its numbers and names.

        """


class Several:
    """One observer made of several, told in order."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """Pass a fact on."""
        for observer in self._observers:
            observer.note(kind, at=at, **facts)
