"""How many lines a topic may write: what flaps all day long is told as one line with a count, and fills no disk."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from agent.journal.lines import Entry, Line, Priority
from agent.units import Seconds

HOUR: Final = Seconds(3600)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many lines at once, and so many an hour in the long run."""

    burst: int
    per_hour: float

    @property
    def rest(self) -> Seconds:
        """After so long without it a kind of line is news: an hour, or what one line takes."""
        return Seconds(max(HOUR, HOUR / self.per_hour))


USUAL: Final = Rate(burst=10, per_hour=4)
"""A link that flaps all month writes 2900 lines, about what a month of ordinary use writes."""

RATES: Final = {
    "turn": Rate(burst=200, per_hour=100),
    "planned": Rate(burst=2, per_hour=1 / 6),
}
"""Other topics. A lively hour has 100 turns and each is worth its line; some services end each session after minutes,
as planned (400 s at Supabase Edge Functions), which is worth one every few hours."""


class Budget:
    """Told entries; answers with those to write now. What it withholds, it counts and tells later."""

    def __init__(self) -> None:
        self._topics: dict[str, _Topic] = {}

    def offer(self, entry: Entry, at: Seconds) -> tuple[Entry, ...]:
        """
        Take an entry; return what to write, in the order in which it happened.

        A kind of line that its topic has not written for long is never withheld (`Rate.rest`), nor is DEBUG, which was
        asked for.
        """
        if entry.priority is Priority.DEBUG:
            return (entry,)
        if entry.topic not in self._topics:
            self._topics[entry.topic] = _Topic(RATES.get(entry.topic, USUAL), at)
        return self._topics[entry.topic].offer(entry, at)

    def due(self, at: Seconds) -> tuple[Entry, ...]:
        """Return what was withheld and now has room: to be asked for once in a while."""
        return tuple(entry for topic in self._topics.values() for entry in topic.due(at))


class _Topic:
    """A token bucket; an entry for each kind of line stands for all that were withheld."""

    def __init__(self, rate: Rate, at: Seconds) -> None:
        self._rate, self._room, self._at = rate, float(rate.burst), at
        self._written: dict[Line, Seconds] = {}
        self._withheld: dict[Line, tuple[int, Entry]] = {}

    def offer(self, entry: Entry, at: Seconds) -> tuple[Entry, ...]:
        self._refill(at)
        count, _ = self._withheld.pop(entry.line, (0, entry))
        if self._room < 1 and not self._is_news(entry.line, at):
            self._withheld[entry.line] = count + 1, entry  # behind what happened before it
            return ()
        return (*self._release(at), self._write(entry, count, at))

    def due(self, at: Seconds) -> tuple[Entry, ...]:
        self._refill(at)
        return self._release(at) if self._room >= 1 else ()

    def _is_news(self, line: Line, at: Seconds) -> bool:
        return line not in self._written or at - self._written[line] >= self._rate.rest

    def _release(self, at: Seconds) -> tuple[Entry, ...]:
        withheld, self._withheld = self._withheld, {}
        return tuple(self._write(entry, count - 1, at) for count, entry in withheld.values())

    def _write(self, entry: Entry, others: int, at: Seconds) -> Entry:
        self._room -= 1
        self._written[entry.line] = at
        if not others:
            return entry
        message = f"{entry.message} (and {others} like it before)"
        return dataclasses.replace(entry, message=message, facts={**entry.facts, "withheld": others})

    def _refill(self, at: Seconds) -> None:
        passed = max(at - self._at, 0) / HOUR
        self._room = min(self._rate.burst, self._room + passed * self._rate.per_hour)
        self._at = max(self._at, at)
