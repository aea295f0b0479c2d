"""
What the agent needs of everything with a plug.

A device is filled in by `agent/simulator` (memory and files) or by the hardware rooms beside this file;
nothing below `cli.py` can tell which.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.errors import DeviceError
from agent.units import Pcm, Seconds

Colour = tuple[int, int, int]
"""Red, green, blue, each 0 to 255."""


class Microphone(Protocol):
    """Where samples come from. Always open; whether they are used is the gate's business."""

    @property
    def overruns(self) -> int:
        """How often samples were lost because nobody read them in time; it only grows. Threads: any."""

    def read(self) -> Pcm:
        """
        Block until one period is there and return it: shape (240,), int16, 24 kHz mono.

        A device that hangs does not keep its reader: when nothing came for a while, nothing is returned, shape (0,).

        Threads: the capture thread only.

        Raises:
            DeviceMissing: If it was unplugged.

        """

    def waiting(self) -> int:
        """
        Samples at 24 kHz that were captured by now and not yet read, wherever they are held.

        Threads: the capture thread only.
        """

    def close(self) -> None:
        """Let go of the device; closing twice is fine."""


class Wake(Protocol):
    """What ends a speaker's wait early: a level-triggered flag with a file descriptor to poll."""

    def fileno(self) -> int:
        """Readable while the flag is set."""

    def set(self) -> None:
        """Set the flag. Threads: any; never blocks."""

    def clear(self) -> bool:
        """Clear the flag; tell whether it was set. Threads: the playout thread only."""


class Speaker(Protocol):
    """Where samples go. Only the playout thread touches it."""

    def wait(self, wake: Wake) -> bool:
        """
        Block until there is room for one period, `wake` is set, or a while has passed.

        Returns:
            Whether there is room.

        Raises:
            DeviceMissing: If it was unplugged.

        """

    def write(self, pcm: Pcm) -> bool:
        """
        Queue one period, shape (240,), int16, 24 kHz mono; never blocks after a `wait` that said yes.

        Returns:
            Whether the speaker ran dry since the last write (an underrun).

        Raises:
            DeviceMissing: If it was unplugged.
            ValueError: If the period is of the wrong size.

        """

    def queued(self) -> int:
        """Samples written and not yet heard, at 24 kHz."""

    def drop(self) -> None:
        """Throw away what is queued: silence now. The next write starts afresh."""

    def close(self) -> None:
        """Let go of the device without playing the rest; closing twice is fine."""


class Button(Protocol):
    """A contact that may bounce."""

    def watch(self, edge: Callable[[bool, Seconds], None]) -> None:
        """Call `edge(down, at)` on each change of level; from any thread, soon after it happened."""

    def is_down(self) -> bool:
        """The level now."""

    def close(self) -> None:
        """Let go of the device; closing twice is fine."""


class LedRing(Protocol):
    """Some lights in a circle, or one."""

    leds: int

    def show(self, colours: Sequence[Colour]) -> None:
        """
        Show `leds` colours at once; returns when they are on their way. Threads: the event loop only.

        Raises:
            DeviceError: If the ring can not be driven.
            ValueError: If there is not one colour per LED.

        """

    def close(self) -> None:
        """Go dark and let go of the device; closing twice is fine."""


class Plug(enum.Enum):
    """A device that may be pulled out while the agent runs."""

    MICROPHONE = "microphone"
    SPEAKER = "speaker"


PlugTold = Callable[[Plug, DeviceError | str], None]
"""Takes a device and why it is away, or what was found."""


class Plugs:
    """
    Tells who watches when a device is pulled out or found.

    Threads: `tell` is called by the audio threads, which start after `watch` was called.
    """

    def __init__(self) -> None:
        self._told: PlugTold | None = None

    def watch(self, told: PlugTold) -> None:
        """Tell this one from now on; on any thread, and it must not block."""
        self._told = told

    def tell(self, plug: Plug, what: DeviceError | str) -> None:
        """A device is away, or was found."""
        if self._told is not None:
            self._told(plug, what)


@dataclass(frozen=True, slots=True)
class Devices:
    """Everything with a plug."""

    microphone: Microphone
    speaker: Speaker
    button: Button
    ring: LedRing
    plugs: Plugs = field(default_factory=Plugs)

    def close(self) -> None:
        """Close them all, the microphone first."""
        for device in (self.microphone, self.speaker, self.button, self.ring):
            device.close()
