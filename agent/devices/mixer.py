"""
The mixer of a real card, by the names of its controls.

Cards forget their levels when they are pulled out, so they are set at every open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from itertools import islice
from typing import TypeVar

import alsaaudio

from agent.devices.cards import Direction
from agent.devices.levels import DIRECTIONS, Applied, Control, ControlState, applied, state
from agent.errors import DeviceError, DeviceMissing

T = TypeVar("T")

INDEXES = 8
"""Controls of one name are told apart by an index, which need not begin at 0; the highest seen is 1 (alsa-lib#248)."""

KIND = {"capture": alsaaudio.PCM_CAPTURE, "playback": alsaaudio.PCM_PLAYBACK}

Mixer = Callable[[str], AbstractContextManager[Sequence[Control]]]
"""Opens the mixer of an ALSA device such as hw:CARD=Device, which may have no controls. Raises DeviceMissing."""


@contextmanager
def alsa_mixer(device: str) -> Iterator[Sequence[Control]]:
    """Open the mixer of an ALSA device; blocks while the card answers. Raises DeviceMissing if it does not."""
    mixers = _opened(device)
    try:
        yield tuple(AlsaControl(mixer) for mixer in mixers)
    finally:
        for mixer in mixers:
            mixer.close()


def apply(
    device: str,
    *,
    capture_gain_percent: int | None = None,
    agc: bool | None = None,
    level_percent: int | None = None,
    mixer: Mixer = alsa_mixer,
) -> Applied:
    """
    Open the mixer and do as `levels.applied`; blocks while the card answers.

    Raises:
        DeviceMissing: If the mixer can not be opened. A card that udev is about to rename plays already under its old
            name and has no mixer under its new one: it would be as loud as it was made.

    """
    with mixer(device) as controls:
        return applied(controls, capture_gain_percent, agc, level_percent)


def states(device: str, mixer: Mixer = alsa_mixer) -> tuple[ControlState, ...]:
    """Say how the controls of a card stand; a card without any, or that goes away meanwhile, has none."""
    try:
        with mixer(device) as controls:
            return tuple(state(control) for control in controls)
    except DeviceError:
        return ()


class AlsaControl:
    """A `Control` of a real card."""

    def __init__(self, mixer: alsaaudio.Mixer) -> None:
        self._mixer = mixer
        self.name: str = mixer.mixer()
        self._steps = {direction: self._range(direction) for direction in DIRECTIONS}

    def steps(self, direction: Direction) -> tuple[int, int] | None:
        """Lowest and highest level; None if it has no level in this direction, or only one."""
        return self._steps[direction]

    def levels(self, direction: Direction) -> Sequence[int]:
        """The level of each channel."""
        # The binding keeps a refusal to itself, and ALSA's library would answer from memory: what it was told, not what
        # came of it (`_snd_mixer_selem_set_volume`). A mixer that is opened afresh has to ask the card.
        mixer = self._mixer
        with closing(_told(alsaaudio.Mixer, mixer.mixer(), mixer.mixerid(), -1, mixer.cardname())) as afresh:
            return _told(afresh.getvolume, KIND[direction], alsaaudio.VOLUME_UNITS_RAW)

    def set_level(self, direction: Direction, level: int) -> None:
        """Set all channels."""
        every = alsaaudio.MIXER_CHANNEL_ALL
        _told(self._mixer.setvolume, level, every, KIND[direction], alsaaudio.VOLUME_UNITS_RAW)

    def has_switch(self, direction: Direction) -> bool:
        """Whether it can be switched in this direction."""
        found = self._mixer.switchcap()
        return "Capture Mute" in found if direction == "capture" else "Playback Mute" in found or "Mute" in found

    def switch(self, direction: Direction, on: bool) -> None:
        """Switch all channels."""
        if direction == "capture":
            _told(self._mixer.setrec, int(on))
        else:
            _told(self._mixer.setmute, int(not on))

    def _range(self, direction: Direction) -> tuple[int, int] | None:
        # Without a direction it is one level for both, of which ALSA may know one only.
        if {"Volume", f"{direction.capitalize()} Volume"}.isdisjoint(self._mixer.volumecap()):
            return None
        with suppress(alsaaudio.ALSAAudioError):
            low, high = self._mixer.getrange(KIND[direction], alsaaudio.VOLUME_UNITS_RAW)
            return (low, high) if low < high else None
        return None


def _opened(device: str) -> list[alsaaudio.Mixer]:
    try:
        names = Counter(alsaaudio.mixers(device=device))
    except alsaaudio.ALSAAudioError as trouble:
        raise DeviceMissing(f"no mixer: {trouble}") from trouble
    return [mixer for name, count in names.items() for mixer in islice(_of_name(device, name), count)]


def _of_name(device: str, name: str) -> Iterator[alsaaudio.Mixer]:
    for index in range(INDEXES):
        with suppress(alsaaudio.ALSAAudioError):
            yield alsaaudio.Mixer(control=name, id=index, device=device)


def _told(ask: Callable[..., T], *what: object) -> T:
    try:
        return ask(*what)
    except alsaaudio.ALSAAudioError as trouble:
        raise DeviceError(str(trouble)) from trouble
