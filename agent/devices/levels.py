"""
What to do with a card's own controls, found by their names: how sensitive, how loud at most, automatic gain on or off.

Levels are percent of a control's steps, as `amixer` counts them, and rounded down: 70 is never louder than 70.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.devices.cards import Direction
from agent.errors import DeviceError

DIRECTIONS: tuple[Direction, ...] = ("capture", "playback")

NOUN = {"capture": "gain", "playback": "level"}

USUAL = {"capture": ("Mic", "Capture"), "playback": ("PCM", "Speaker", "Headphone", "Master")}
"""Where a card has one of these, its other controls of that direction are left as they are, or lowered."""

AGC = re.compile(r"\bauto(matic)? gain|\bagc\b", re.IGNORECASE)
"""`Auto Gain Control` is the kernel's name for it; C-Media's is a switch of *playback* (alexa-pi/AlexaPi#98)."""


class Control(Protocol):
    """
    One control of a card's mixer. Levels are its own steps.

    Raises:
        DeviceError: If the card does not do it, or is gone. From `levels`, `set_level` and `switch`.

    """

    name: str

    def steps(self, direction: Direction) -> tuple[int, int] | None:
        """Lowest and highest level; None if it has no level in this direction, or only one."""

    def levels(self, direction: Direction) -> Sequence[int]:
        """The level of each channel, as the card has it now: not all cards say when they refuse one."""

    def set_level(self, direction: Direction, level: int) -> None:
        """Set all channels."""

    def has_switch(self, direction: Direction) -> bool:
        """Whether it can be switched in this direction."""

    def switch(self, direction: Direction, on: bool) -> None:
        """Switch all channels."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was set, and what was not and why: a text for each, for the journal."""

    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlState:
    """A control as it stands: percent of its steps, None without levels; the directions that it switches."""

    name: str
    capture_percent: int | None
    playback_percent: int | None
    switches: tuple[Direction, ...]


_Outcome = tuple[bool, str]
"""Whether it was done, and what."""


def applied(
    controls: Sequence[Control],
    capture_gain_percent: int | None = None,
    agc: bool | None = None,
    level_percent: int | None = None,
) -> Applied:
    """
    Set what is not None; what the card does not have, or does not do, is told, not raised.

    `capture_gain_percent` is the microphone's, `level_percent` a ceiling for all that the card can play; 0 is silence.
    """
    outcomes: list[_Outcome] = []
    if capture_gain_percent is not None:
        outcomes += _gain(controls, capture_gain_percent)
    if agc is not None:
        outcomes += _automatic(controls, agc)
    if level_percent is not None:
        outcomes += _level(controls, level_percent)
    done, failed = ([text for well, text in outcomes if well is wanted] for wanted in (True, False))
    return Applied(tuple(done), tuple(failed))


def state(control: Control) -> ControlState:
    """Say how it stands. Raises DeviceError if the card is gone."""
    switches = tuple(direction for direction in DIRECTIONS if control.has_switch(direction))
    return ControlState(control.name, _percent(control, "capture"), _percent(control, "playback"), switches)


def _gain(controls: Sequence[Control], percent: int) -> list[_Outcome]:
    meant, _ = _meant_and_others(controls, "capture")
    done = [outcome for control in meant for outcome in _set_and_switched(control, "capture", percent, on=True)]
    return done or [(False, "capture gain: no such control")]


def _level(controls: Sequence[Control], percent: int) -> list[_Outcome]:
    meant, others = _meant_and_others(controls, "playback")
    on = percent > 0
    done = [outcome for control in meant for outcome in _set_and_switched(control, "playback", percent, on)]
    return (done or [(False, "playback level: no such control")]) + [
        # Such as the playback of `Mic`, which lets a student hear himself: not switched on, but not left loud either.
        outcome
        for control in others
        for outcome in _lowered(control, percent)
    ]


def _automatic(controls: Sequence[Control], on: bool) -> list[_Outcome]:
    switched = [
        _switched(control, direction, on)
        for control in controls
        for direction in DIRECTIONS
        if AGC.search(control.name) and control.has_switch(direction)
    ]
    return switched or [(False, "automatic gain: no such switch")]


def _meant_and_others(controls: Sequence[Control], direction: Direction) -> tuple[list[Control], list[Control]]:
    able = [control for control in controls if control.steps(direction)]
    usual = [control for control in able if control.name in USUAL[direction]]
    # A card with names of its own, such as Headset or Digital, means those; but a microphone is no speaker.
    meant = usual or [control for control in able if control.name not in USUAL["capture"]]
    return meant, [control for control in able if control not in meant]


def _set_and_switched(control: Control, direction: Direction, percent: int, on: bool) -> list[_Outcome]:
    outcomes = [_set(control, direction, percent)]
    if control.has_switch(direction):
        outcomes.append(_switched(control, direction, on))
    return outcomes


def _lowered(control: Control, percent: int) -> list[_Outcome]:
    try:
        loudest = max(control.levels("playback"), default=None)
    except DeviceError as trouble:
        return [(False, f"{control.name} level: {trouble}")]
    is_above = loudest is not None and loudest > _step(control, "playback", percent)
    return [_set(control, "playback", percent)] if is_above else []


def _set(control: Control, direction: Direction, percent: int) -> _Outcome:
    what, wanted = f"{control.name} {NOUN[direction]}", _step(control, direction, percent)
    try:
        control.set_level(direction, wanted)
        granted = control.levels(direction)
    except DeviceError as trouble:
        return False, f"{what}: {trouble}"
    if any(level != wanted for level in granted):
        return False, f"{what} stays at step {max(granted)}, {percent} % is {wanted}"
    return True, f"{what} {percent} % (step {wanted})"


def _switched(control: Control, direction: Direction, on: bool) -> _Outcome:
    try:
        control.switch(direction, on)
    except DeviceError as trouble:
        return False, f"{control.name}: {trouble}"
    return True, f"{control.name} {'on' if on else 'off'}"


def _step(control: Control, direction: Direction, percent: int) -> int:
    low, high = control.steps(direction) or (0, 0)
    return low + (high - low) * percent // 100


def _percent(control: Control, direction: Direction) -> int | None:
    steps = control.steps(direction)
    if steps is None:
        return None
    low, high = steps
    return round((max(control.levels(direction), default=low) - low) * 100 / (high - low))
