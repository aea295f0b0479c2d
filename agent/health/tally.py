"""What was so far: turns by their ends, the last ones in numbers, the link's ups and downs, lost devices."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.health.record import LinkHealth, Spread, TurnNumbers, TurnsHealth
from agent.observer import Fact
from agent.units import Seconds

LAST: Final = 20
"""Turns kept in numbers: a screen of them, and enough that the 95th percentile is not the worst of all."""

HOUR: Final = Seconds(3600.0)
"""What was longer ago says nothing about how the corner is doing now."""

RESTART: Final = Seconds(30.0)
"""How long a relay that said so may be away to start anew."""

MOMENTS: Final = 100
"""Losses and drops whose time is kept: nobody needs to tell a hundred an hour from more."""


@dataclass(frozen=True, slots=True)
class Recent:
    """The last hour: its last turns, unplanned losses of the link, and utterances that were dropped."""

    turns: tuple[TurnNumbers, ...]
    losses: int
    dropped: int


class Tally:
    """
    An observer that counts; bounded in memory, however long the agent lives.

    Args:
        clock: Monotonic.

    """

    def __init__(self, clock: Callable[[], Seconds]) -> None:
        self._clock = clock
        self._ends: Counter[str] = Counter()
        self._last: deque[tuple[Seconds, TurnNumbers]] = deque(maxlen=LAST)
        self._up, self._why, self._since = False, "not connected yet", clock()
        self._was_up = self._is_loss = False
        self._reconnects = 0
        self._excused_until = clock()
        self._losses: deque[Seconds] = deque(maxlen=MOMENTS)
        self._dropped = 0
        self._drops: deque[Seconds] = deque(maxlen=MOMENTS)
        self._missing: dict[str, None] = {}
        self._round_trip_ms: int | None = None

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """Take a fact."""
        now = self._clock() if at is None else at
        match kind:
            case "turn":
                self._turn(now, TurnNumbers.from_facts(facts))
            case "link" if facts["up"]:
                self._link_up(now)
            case "link":
                self._link_down(now, facts)
            case "dropped":
                self._dropped += 1
                self._drops.append(now)
            case "device" if facts["found"]:
                self._missing.pop(str(facts["which"]), None)
            case "device":
                self._missing[str(facts["which"])] = None
            case _:
                pass

    def link(self) -> LinkHealth:
        """How the connection is."""
        since = Seconds(round(self._clock() - self._since, 1))
        return LinkHealth(self._up, since, self._why, self._reconnects, self._round_trip_ms)

    def turns(self) -> TurnsHealth:
        """All turns, and the last ones."""
        last = tuple(numbers for _, numbers in self._last)
        return TurnsHealth(
            heard=self._ends["heard"],
            interrupted=self._ends["interrupted"],
            unanswered=self._ends["unanswered"],
            dropped=self._dropped,
            release_to_sound=spread(numbers.release_to_sound_ms for numbers in last),
            press_to_silence=spread(numbers.press_to_silence_ms for numbers in last),
            last=last,
        )

    def missing(self) -> tuple[str, ...]:
        """The devices that are lost, first lost first."""
        return tuple(self._missing)

    def recent(self) -> Recent:
        """What the score is made of."""
        begin = self._clock() - HOUR
        return Recent(
            tuple(numbers for at, numbers in self._last if at > begin),
            sum(at > begin for at in self._losses),
            sum(at > begin for at in self._drops),
        )

    def _turn(self, now: Seconds, numbers: TurnNumbers) -> None:
        self._ends[numbers.end] += 1
        self._last.append((now, numbers))
        if numbers.round_trip_ms is not None:
            self._round_trip_ms = numbers.round_trip_ms

    def _link_up(self, now: Seconds) -> None:
        if self._is_loss:
            self._reconnects += 1
        self._up, self._why, self._since = True, "", now
        self._was_up, self._is_loss, self._excused_until = True, False, now

    def _link_down(self, now: Seconds, facts: Mapping[str, Fact]) -> None:
        """A planned close is none of anybody's business, unless nobody is there for longer than a restart takes."""
        if self._up:
            self._up, self._since = False, now
        self._why = str(facts["why"])
        if facts["verdict"] == "planned":
            self._excused_until = Seconds(now + RESTART)
        elif self._was_up and not self._is_loss and now >= self._excused_until:
            self._is_loss = True
            self._losses.append(now)


def spread(values: Iterable[int | None]) -> Spread:
    """Percentiles of what is known."""
    ordered = sorted(value for value in values if value is not None)
    return Spread(_percentile(ordered, 50), _percentile(ordered, 95))


def _percentile(ordered: list[int], percent: int) -> int | None:
    """Nearest rank; None of nothing."""
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1] if ordered else None
