"""What is wrong with the board: told once when it begins and once when it is over, however its readings flutter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.board.limits import (
    AIR,
    CARD_WORN,
    HOT_C,
    LITTLE_DISK_MB,
    LITTLE_MEMORY_MB,
    MAKE_ROOM,
    NO_POWER_SAVE,
    OWN_MEMORY_MB,
    STOP_OTHERS,
    SUPPLY,
)
from agent.health.record import BoardHealth
from agent.units import Seconds

STEP_S: Final = 1.0
"""A clock that is slewed gains 30 ms in a minute (adjtime's 500 ppm); what moves it by a second is a step."""

STEADY_S: Final = Seconds(3600.0)
"""A clock that did not step for an hour keeps time again."""

RESTART_AFTER_S: Final = Seconds(3600.0)
"""An agent that is too big from its start would be no smaller after the next one: not more than a restart an hour."""

CALM: Final = 10
"""Samples, ten minutes: a supply that is too weak is so whenever a child speaks, and good in between."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something is wrong with the board from now on, or no more; `what` says what was found and what to do."""

    name: str
    wrong: bool
    what: str


@dataclass(frozen=True, slots=True)
class _Trouble:
    """
    Something that can be wrong with a reading.

    It begins at `begins` and is over beyond `ends`, after `calm` samples; in between it stays as it was. `ends` below
    `begins` is for what must not get too big, above for what must not get too small.
    """

    name: str
    reading: Callable[[BoardHealth], float | None]
    begins: float
    ends: float
    wrong: str
    fine: str
    calm: int = 1

    def has_begun(self, value: float) -> bool:
        return value >= self.begins if self.ends < self.begins else value <= self.begins

    def has_ended(self, value: float) -> bool:
        return value <= self.ends if self.ends < self.begins else value >= self.ends


TROUBLES: Final = (
    _Trouble(
        "power",
        lambda board: board.undervoltage,
        begins=1,
        ends=0,
        wrong=f"under-voltage: the board slows down, USB cards may drop out: {SUPPLY}",
        fine="no under-voltage for ten minutes",
        calm=CALM,
    ),
    _Trouble(
        "temperature",
        lambda board: board.temperature_c,
        begins=HOT_C,
        ends=HOT_C - 5,
        wrong=f"{{:.0f}} °C, the processor is being slowed down: {AIR}",
        fine="{:.0f} °C",
    ),
    _Trouble(
        "memory",
        lambda board: board.free_memory_mb,
        begins=LITTLE_MEMORY_MB - 1,
        ends=LITTLE_MEMORY_MB * 1.2,
        wrong=f"{{:.0f}} MB of memory left: {STOP_OTHERS}",
        fine="{:.0f} MB of memory left",
    ),
    _Trouble(
        "own memory",
        lambda board: board.own_memory_mb,
        begins=OWN_MEMORY_MB,
        ends=OWN_MEMORY_MB * 0.8,
        wrong="the agent takes {:.0f} MB: it will restart in a quiet moment; tell its maintainers",
        fine="the agent takes {:.0f} MB",
    ),
    _Trouble(
        "disk",
        lambda board: board.free_disk_mb,
        begins=LITTLE_DISK_MB - 1,
        ends=LITTLE_DISK_MB * 1.2,
        wrong=f"{{:.0f}} MB of disk left: {MAKE_ROOM}",
        fine="{:.0f} MB of disk left",
    ),
    _Trouble(
        "disk read-only",
        lambda board: board.disk_read_only,
        begins=1,
        ends=0,
        wrong=f"read-only: no token can be kept, nothing updated: {CARD_WORN}",
        fine="can be written to",
    ),
    _Trouble(
        "wifi power save",
        lambda board: board.wifi_power_save,
        begins=1,
        ends=0,
        wrong=f"on, answers come seconds late: {NO_POWER_SAVE}",
        fine="off",
    ),
)
"""In the order in which they are told."""


class Watch:
    """Takes samples of the board, answers with what has changed for good or bad. What is not known changes nothing."""

    def __init__(self) -> None:
        self._calm: dict[str, int] = {}
        """Of each trouble that is not over: the fine samples in a row."""
        self._clock = _Clock()
        self._since: Seconds | None = None
        self._at = Seconds(0.0)

    def look(self, board: BoardHealth, at: Seconds, wall_s: float) -> tuple[Change, ...]:
        """
        Compare with what was before.

        Args:
            board: What is now.
            at: When, on the monotonic clock.
            wall_s: The same moment on the wall clock, in seconds since any beginning.

        """
        self._since = at if self._since is None else self._since
        self._at = at
        found = [self._compared(trouble, board) for trouble in TROUBLES]
        found.append(self._clock.look(at, wall_s, board.clock_synchronised is True))
        return tuple(change for change in found if change)

    @property
    def restart_wanted(self) -> bool:
        """Whether the agent leaks: systemd's own limit does nothing on Raspberry Pi OS, so it has to end by itself."""
        return "own memory" in self._calm and self._since is not None and self._at - self._since >= RESTART_AFTER_S

    def _compared(self, trouble: _Trouble, board: BoardHealth) -> Change | None:
        value = trouble.reading(board)
        if value is None:
            return None
        if trouble.name not in self._calm:
            if not trouble.has_begun(value):
                return None
            self._calm[trouble.name] = 0
            return Change(trouble.name, True, trouble.wrong.format(value))
        self._calm[trouble.name] = self._calm[trouble.name] + 1 if trouble.has_ended(value) else 0
        if self._calm[trouble.name] < trouble.calm:
            return None
        del self._calm[trouble.name]
        return Change(trouble.name, False, trouble.fine.format(value))


class _Clock:
    """The wall clock beside the monotonic one."""

    def __init__(self) -> None:
        self._offset: float | None = None
        self._stepped: Seconds | None = None
        self._was_set = False

    def look(self, at: Seconds, wall_s: float, is_set: bool) -> Change | None:
        moved = 0.0 if self._offset is None else wall_s - at - self._offset
        self._offset, was_set, self._was_set = wall_s - at, self._was_set, self._was_set or is_set
        if abs(moved) > STEP_S:
            return self._step(at, moved, is_first=not was_set)
        if self._stepped is not None and at - self._stepped >= STEADY_S:
            self._stepped = None
            return Change("clock step", False, "the clock keeps time: no step for an hour")
        return None

    def _step(self, at: Seconds, moved: float, *, is_first: bool) -> Change | None:
        """A Pi has no battery: being set once after the start is as it should be."""
        self._was_set = True
        what = f"the clock was set {abs(moved):.0f} s {'forward' if moved > 0 else 'back'}"
        if is_first:
            return Change("clock step", False, f"{what}, as after a start without a battery")
        was_steady, self._stepped = self._stepped is None, at
        again = "times in the journal do not add up; look at who else sets it: timedatectl timesync-status"
        return Change("clock step", True, f"{what}: {again}") if was_steady else None
