"""
A school year of one corner: 52 weeks, 36 of them of five school days, with faults in between and at night.

Every day has a random number generator of its own, so that a year can be begun at the day that failed.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import sys
from array import array
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from agent.link.backoff import Unreachable
from agent.session.table import State
from tests.school_year.corner import Corner
from tests.school_year.dozing import dozing
from tests.school_year.faults import HOUR, KINDS, RETRY_S, TURN_S, Faults
from tests.school_year.relay import Relay

DAY = 24 * HOUR
DAYS = 52 * 7
HOLIDAYS = frozenset({8, 17, 18, 29, *range(40, 52)})
"""Weeks without school, counted from the first of August: 36 are left, 180 days."""

FIRST_TURN_AT = 7.5 * HOUR
SCHOOL_S = 7.0 * HOUR


@dataclass(frozen=True)
class Load:
    """What a day is made of."""

    turns: int = 20
    faults: int = 3
    """The mean of a school day; nights have their own."""
    utterance_s: tuple[float, float] = (2.0, 6.0)
    kinds: tuple[str, ...] = KINDS
    doubles: float = 0.2
    """Share of the faults that another one comes with."""


@dataclass
class Figures:
    """What a year came to."""

    days: int = 0
    school_days: int = 0
    turns: int = 0
    probes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    longest_s: dict[str, float] = field(default_factory=dict)
    """From the end of a fault to READY, at worst."""
    blocks: array[int] = field(default_factory=partial(array, "q"))
    """Of Python's allocator, in use at the end of each day; in an array, which takes none of them."""
    resident: array[int] = field(default_factory=partial(array, "q"))
    """Bytes of the process in memory at the end of each day."""

    def note_memory(self):
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        self.blocks.append(sys.getallocatedblocks())
        self.resident.append(pages * os.sysconf("SC_PAGESIZE"))


class Year:
    """Lives it; `figures` grow meanwhile."""

    def __init__(self, seed, first_day=0, days=DAYS, load=Load(), *, nights=True, send=lambda _message, _fields: None):
        self.seed, self.first_day, self.days, self.load, self.nights = seed, first_day, days, load, nights
        self.figures = Figures()
        self.chance = random.Random()
        self.corner = Corner(Relay(self.chance), send)
        self.faults = Faults(self.corner, self.chance)

    async def live(self):
        random.seed(self.seed)
        await self.corner.live(self._days())

    async def _days(self):
        await self.corner.until(State.READY, within=RETRY_S)
        for day in range(self.first_day, self.first_day + self.days):
            self.chance.seed(f"{self.seed} {day}")
            random.seed(f"{self.seed} {day}")
            try:
                await self._day(day)
            except BaseException as trouble:
                trouble.add_note(f"on day {day}: python -m tests.school_year {self.seed} {day} 1")
                raise
            self.figures.days += 1
            self.figures.note_memory()

    async def _day(self, day):
        corner, began = self.corner, self.corner.clock()
        week, weekday = divmod(day, 7)
        if weekday < 5 and week not in HOLIDAYS:
            self.figures.school_days += 1
            await asyncio.sleep(FIRST_TURN_AT)
            await self._at_school()
        if self.nights:
            await self._at_night(began + DAY - 2 * HOUR)
        await asyncio.sleep(max(0.0, began + DAY - corner.clock()))
        assert not corner.relay.complaints, f"a correct client has no reason for {corner.relay.complaints}"

    async def _at_school(self):
        chance, load = self.chance, self.load
        plan = [self._turn] * load.turns + [self._fault] * _poisson(chance, load.faults)
        chance.shuffle(plan)
        for what in plan:
            await asyncio.sleep(chance.expovariate(len(plan) / SCHOOL_S))
            await what()

    async def _at_night(self, until):
        """Relays are restarted at night, power and networks fail; some nights."""
        chance, corner = self.chance, self.corner
        await asyncio.sleep(max(0.0, (until - corner.clock()) * chance.random()))
        match chance.randrange(12):
            case 0:
                await self._away(Unreachable("gaierror"), max(60.0, until - corner.clock()))
            case 1:
                await corner.crash()
            case 2:
                await corner.stop()
            case 3 | 4 | 5:
                await corner.relay.close(1012)
            case _:
                return
        await self._is_well("night", RETRY_S)

    async def _away(self, failure, seconds):
        self.corner.relay.failure = failure
        await self.corner.relay.close(1011)
        await asyncio.sleep(seconds)
        self.corner.relay.failure = None

    async def _turn(self):
        self.figures.turns += 1
        await self._asked(self.chance.uniform(*self.load.utterance_s), "an ordinary turn was not answered")

    async def _fault(self):
        how_many = 2 if self.chance.random() < self.load.doubles else 1
        await self.fault(*self.chance.choices(self.load.kinds, k=how_many))

    async def fault(self, *kinds):
        """Let these happen at once; see that the corner is well afterwards."""
        for kind in kinds:
            self.corner.remark(kind)
            self.figures.faults[kind] += 1
        patience = await asyncio.gather(*(getattr(self.faults, kind)() for kind in kinds))
        await self._is_well(" with ".join(kinds), sum(patience) + TURN_S)

    async def _is_well(self, fault, patience):
        """Never stuck: READY in time, and a turn is answered."""
        corner = self.corner
        corner.release()
        corner.remark(f"end of {fault}")
        began = corner.clock()
        try:
            await corner.until(State.READY, within=patience)
            longest = self.figures.longest_s
            longest[fault] = max(longest.get(fault, 0.0), corner.clock() - began)
            self.figures.probes += 1
            await self._asked(0.8, "READY, but nobody answers")
        except BaseException as trouble:
            trouble.add_note(f"after {fault}")
            raise

    async def _asked(self, seconds, complaint):
        is_answered = await self.corner.turn(seconds)
        assert is_answered, complaint


def _poisson(chance, mean):
    """A number of rare things in a day."""
    left, count = chance.expovariate(1.0), 0
    while left < mean:
        left, count = left + chance.expovariate(1.0), count + 1
    return count


def lived(seed, *args, **kwargs):
    """Live a year, or a part of it; return what lived it. Raises with the story of what failed."""

    async def live():
        year = Year(seed, *args, **kwargs)
        try:
            await year.live()
        except BaseException as trouble:
            trouble.add_note("\n".join(_told(note) for note in year.corner.story))
            raise
        return year

    return dozing(live())


def _told(note):
    facts = " ".join(f"{name}={fact}" for name, fact in note.facts.items())
    return f"{note.at:14.3f} {note.kind:10} {facts}"


def figures_of(year):
    """What it came to, for a person."""
    figures, corner = year.figures, year.corner
    monthly = slice(0, None, 28)
    kinds = ", ".join(f"{kind} {count}" for kind, count in figures.faults.most_common())
    longest = sorted(figures.longest_s.items(), key=lambda item: -item[1])[:5]
    return (
        f"{figures.days} days, {figures.school_days} at school, {corner.boots} processes\n"
        f"{figures.turns} ordinary turns, {figures.probes} after a fault, {corner.counts['gate'] // 2} utterances "
        f"in all, {corner.relay.replies} replies, {corner.relay.sessions} sessions\n"
        f"{sum(figures.faults.values())} faults: {kinds}\n"
        f"longest to READY: {', '.join(f'{fault} {seconds:.0f} s' for fault, seconds in longest)}\n"
        f"blocks at the end of a day, each 28 days: {', '.join(map(str, figures.blocks[monthly]))}\n"
        f"MB: {', '.join(f'{size / 1e6:.1f}' for size in figures.resident[monthly])}\n"
    )
