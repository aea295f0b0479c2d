"""The school bell: the task that looks at the clock on the wall and tells when school begins and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from agent.school_hours import DAY, SchoolHours
from agent.session.events import Event, HoursClosed, HoursOpened
from agent.units import Seconds

LOOK_S: Final = 20.0
"""How late a clock that was stepped is noticed; with none that steps, the bell rings to the second."""

FIRST_YEAR: Final = 2026
"""Of this program: a clock that shows an earlier one was never set."""


def wall_clock(timezone: str) -> Callable[[], datetime]:
    """The time of day there, as this system has it; the zone is looked up when the clock is first read."""
    return lambda: datetime.now(ZoneInfo(timezone))


class Bell:
    """
    Looks at the wall clock: the one place besides the journal that does. Event loop only.

    A clock that is not to be believed closes nothing: one that was never set, or one that is not synchronised. A Pi
    without a battery goes on after a weekend where it was unplugged, on Friday afternoon.

    Args:
        hours: When school is on.
        tell: Takes facts for the session, which takes school to be on until told otherwise.
        now: The time of day, in the school's time zone.
        is_synchronised: Whether the clock was set since the boot; None if nobody knows.

    """

    def __init__(
        self,
        hours: SchoolHours,
        tell: Callable[[Event], None],
        now: Callable[[], datetime],
        is_synchronised: Callable[[], bool | None],
    ) -> None:
        self._hours, self._tell = hours, tell
        self._now, self._is_synchronised = now, is_synchronised

    async def run(self) -> None:
        """Look at the clock until cancelled; without hours there is nothing to look for."""
        was_open = True
        while self._hours.spans:
            is_open, pause = self._look()
            if is_open != was_open:
                self._tell(HoursOpened() if is_open else HoursClosed())
            was_open = is_open
            await asyncio.sleep(pause)

    def _look(self) -> tuple[bool, Seconds]:
        """Whether school is on, and when to look again."""
        now = self._now()
        minute = now.weekday() * DAY + now.hour * 60 + now.minute
        change = self._hours.next_change(minute)
        to_change = LOOK_S if change is None else 60.0 * change - now.second - now.microsecond / 1e6
        return self._hours.is_open(minute) or not self._is_believed(now), Seconds(min(LOOK_S, to_change))

    def _is_believed(self, now: datetime) -> bool:
        return now.year >= FIRST_YEAR and self._is_synchronised() is not False
