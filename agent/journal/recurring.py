"""What fails again and again: the first time is news, the rest is for the patient, the end tells how long it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.units import Seconds

REMIND_AFTER: Final = Seconds(24 * 3600)
"""Whoever reads only today's lines must find what has been wrong for a week; the first line may be deleted by then."""


@dataclass(frozen=True, slots=True)
class Spell:
    """
    A time of failing, so far or as a whole.

    `kinds` are those it was made of, `tries` how often it failed, `is_news` whether to tell more than the patient.
    """

    kinds: frozenset[str]
    tries: int
    lasted: Seconds
    is_news: bool


class Recurring:
    """One thing that fails and recovers."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._tries = 0
        self._since = self._told = Seconds(0)

    def failed(self, kind: str, at: Seconds) -> Spell:
        """
        Take a failure: news when nothing was wrong, when its kind is new to this spell, and once a day.

        Kinds are remembered until the end: a network that comes up late must not hide a token that is refused, and two
        kinds that take turns are news twice, not at each turn.
        """
        if not self._kinds:
            self._since = at
        is_news = kind not in self._kinds or at - self._told >= REMIND_AFTER
        if is_news:
            self._told = at
        self._kinds.add(kind)
        self._tries += 1
        return self._spell(at, is_news)

    def recovered(self, at: Seconds) -> Spell | None:
        """Take a recovery; None if nothing was wrong."""
        if not self._kinds:
            return None
        whole = self._spell(at, is_news=True)
        self._kinds, self._tries = set(), 0
        return whole

    def _spell(self, at: Seconds, is_news: bool) -> Spell:
        return Spell(frozenset(self._kinds), self._tries, Seconds(at - self._since), is_news)
