"""
From a contact that chatters to presses and releases.

Leading edge: the first edge counts at once, then the contact is not listened to until it has settled, then its level
is looked at again. The level is also looked at ten times a second, because an edge that got lost would otherwise be a
microphone that stays open (gpiozero#550, whose `bounce_time` can lose the release).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.session.events import ButtonStuck
from agent.units import Seconds

DEBOUNCE: Final = Seconds(0.030)
"""How long a switch may chatter after an edge: the upper end of the usual 20 to 30 ms. What really happens meanwhile is
found by the look at its end."""

LOOK_EVERY: Final = Seconds(0.100)
"""A lost release leaves the microphone open no longer than this; more often would wake an idle device for little."""

STUCK_AFTER: Final = Seconds(120)
"""Twice the longest utterance: nobody holds on that long who means it."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The button went down."""

    at: Seconds


@dataclass(frozen=True, slots=True)
class Released:
    """The button came up."""

    at: Seconds


Fact = Pressed | Released | ButtonStuck


class Press:
    """Told edges and levels with their moments; answers with what they mean."""

    def __init__(self, debounce: Seconds = DEBOUNCE) -> None:
        self._debounce = debounce
        self._down: bool | None = None
        self._deaf_until = Seconds(0)
        self._since = Seconds(0)
        self._stuck = False

    def edge(self, down: bool, at: Seconds) -> Fact | None:
        """The level changed."""
        if down == bool(self._down) or self._is_deaf(at):
            return None
        return self._moved(down, at)

    def look(self, down: bool, at: Seconds) -> Fact | None:
        """The level is so now; before the contact has settled this says nothing."""
        if self._down is None:
            return self._first_look(down, at)
        if self._is_deaf(at):
            return None
        if down != self._down:
            return self._moved(down, at)
        if down and not self._stuck and at - self._since >= STUCK_AFTER:
            self._stuck = True
            return ButtonStuck()
        return None

    def wants_look_at(self, at: Seconds) -> Seconds:
        """The next moment at which to look at the level."""
        if self._down is None:
            return at
        return self._deaf_until if self._is_deaf(at) else Seconds(at + LOOK_EVERY)

    def _first_look(self, down: bool, at: Seconds) -> Fact | None:
        self._down = self._stuck = down
        self._deaf_until = Seconds(at + self._debounce)
        return ButtonStuck() if down else None

    def _moved(self, down: bool, at: Seconds) -> Fact:
        self._down, self._since, self._stuck = down, at, False
        self._deaf_until = Seconds(at + self._debounce)
        return Pressed(at) if down else Released(at)

    def _is_deaf(self, at: Seconds) -> bool:
        return self._down is not None and at < self._deaf_until
