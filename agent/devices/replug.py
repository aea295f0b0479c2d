"""
Devices that may be pulled out: ports that stand in for a card while it is away, and find it again.

While a microphone is away its stand-in hears nothing, in real time; while a speaker is away its stand-in has no room,
so that a reply waits instead of being spoken to nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

import numpy as np

from agent.devices.ports import Microphone, Speaker, Wake
from agent.errors import DeviceError
from agent.units import PERIOD, PERIOD_SAMPLES, Pcm, Seconds

LOOK_EVERY: Final = Seconds(0.5)
"""How often to look for a card that is away: found within a second of the kernel knowing it, for the cost of reading
two folders."""

T = TypeVar("T")


class _Closable(Protocol):
    def close(self) -> None: ...


Device = TypeVar("Device", bound=_Closable)


class _Plug(Generic[Device]):
    """A device that is there or not. Threads: the audio thread that uses it; `lost` must not block."""

    def __init__(
        self,
        find: Callable[[], Device],
        clock: Callable[[], Seconds],
        lost: Callable[[DeviceError], None],
    ) -> None:
        self.device: Device | None = None
        self._find, self._clock, self._lost = find, clock, lost
        self._look_at = clock()
        self._is_known_lost = False

    def ask(self, ask: Callable[[Device], T]) -> T | None:
        """Ask the device something; None while it is away, or when it goes on being asked."""
        self._look()
        if self.device is None:
            return None
        try:
            return ask(self.device)
        except DeviceError as trouble:
            self._gone(trouble)
            return None

    def close(self) -> None:
        """Let go of the device, if it is there."""
        if self.device is not None:
            self.device.close()

    def _look(self) -> None:
        if self.device is not None or self._clock() < self._look_at:
            return
        try:
            self.device = self._find()
        except DeviceError as trouble:
            self._gone(trouble)
            return
        self._is_known_lost = False

    def _gone(self, trouble: DeviceError) -> None:
        device, self.device = self.device, None
        if device is not None:
            device.close()
        self._look_at = Seconds(self._clock() + LOOK_EVERY)
        if not self._is_known_lost:
            self._is_known_lost = True
            self._lost(trouble)


class ReplugMicrophone:
    """
    A `Microphone` that may be pulled out.

    Args:
        find: Opens it afresh, by whatever does not change, and tells whoever wants to know; raises DeviceError
            while it is away.
        clock: Monotonic.
        sleep: Lets so many seconds pass.
        lost: Told once, on the capture thread, when it is away.

    """

    def __init__(
        self,
        find: Callable[[], Microphone],
        clock: Callable[[], Seconds],
        sleep: Callable[[Seconds], None],
        lost: Callable[[DeviceError], None],
    ) -> None:
        self.overruns = 0
        """Of all the microphones that were plugged in so far. Threads: the capture thread counts, any may look."""
        self._overruns_before = 0
        self._find = find
        self._plug: _Plug[Microphone] = _Plug(self._found, clock, lost)
        self._sleep = sleep

    def read(self) -> Pcm:
        """Block until one period is there and return it; silence while the microphone is away."""
        period = self._plug.ask(self._read)
        if period is not None:
            return period
        self._sleep(PERIOD)
        return np.zeros(PERIOD_SAMPLES, np.int16)

    def waiting(self) -> int:
        """Samples captured and not yet read; none while the microphone is away."""
        return self._plug.ask(lambda microphone: microphone.waiting()) or 0

    def close(self) -> None:
        """Let go of the device; closing twice is fine."""
        self._plug.close()

    def _found(self) -> Microphone:
        self._overruns_before = self.overruns
        return self._find()

    def _read(self, microphone: Microphone) -> Pcm:
        period = microphone.read()
        self.overruns = self._overruns_before + microphone.overruns
        return period


class ReplugSpeaker:
    """
    A `Speaker` that may be pulled out.

    What was queued when it went was never heard: it counts as queued until the next `drop`.

    Args:
        find: Opens it afresh, by whatever does not change, and tells whoever wants to know; raises DeviceError
            while it is away.
        clock: Monotonic.
        rest: Blocks until a descriptor is readable or so many seconds have passed.
        lost: Told once, on the playout thread, when it is away.

    """

    def __init__(
        self,
        find: Callable[[], Speaker],
        clock: Callable[[], Seconds],
        rest: Callable[[int, Seconds], bool],
        lost: Callable[[DeviceError], None],
    ) -> None:
        self._plug: _Plug[Speaker] = _Plug(find, clock, lost)
        self._rest = rest
        self._queued = self._unheard = 0

    def wait(self, wake: Wake) -> bool:
        """Block until there is room for one period, or until `wake` is set; no room while the speaker is away."""
        has_room = self._plug.ask(lambda speaker: speaker.wait(wake))
        if has_room is not None:
            return has_room
        self._rest(wake.fileno(), PERIOD)
        return False

    def write(self, pcm: Pcm) -> bool:
        """Queue one period, or lose it while the speaker is away; tell whether it ran dry since the last write."""
        ran_dry = self._plug.ask(lambda speaker: speaker.write(pcm))
        if ran_dry is None:
            self._unheard += len(pcm)
            return False
        self._queued += len(pcm)
        return ran_dry

    def queued(self) -> int:
        """Samples written and not yet heard."""
        queued = self._plug.ask(lambda speaker: speaker.queued())
        if queued is None:
            self._unheard += self._queued
        self._queued = queued or 0
        return self._unheard + self._queued

    def drop(self) -> None:
        """Throw away what is queued: silence now."""
        self._unheard = self._queued = 0
        self._plug.ask(lambda speaker: speaker.drop())

    def close(self) -> None:
        """Let go of the device without playing the rest; closing twice is fine."""
        self._plug.close()
