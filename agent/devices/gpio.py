"""The button on the header of a Raspberry Pi, through gpiozero on lgpio; nobody else opens pins."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from gpiozero import LED, GPIOZeroError, InputDevice

from agent.errors import DeviceBusy, DeviceError
from agent.units import Seconds

Factory = Any
"""gpiozero's pin factory: `lgpio_factory()` on the device, its `MockFactory` elsewhere (gpiozero has no types)."""

FOLDER: Final = "LG_WD"
"""The variable in which lgpio looks for the folder of its FIFO; without it that is the current one (lguGetWorkDir)."""

LGPIO: Final = "lgpio 0.2.2 (Debian's python3-lgpio, or a wheel that was built for this Python)"

OLDEST_EDGE_S: Final = 1.0
"""Edges reach us within milliseconds. What seems older, or from the future, was stamped by another clock: that of the
wall in kernels before 5.7."""


def lgpio_factory() -> Factory:
    """
    Open the pins through lgpio and nothing else: the other factories of gpiozero fail on a Pi 5, or poll.

    Imports lgpio only now, because that starts a thread and makes a FIFO; so do it once, and before no fork.

    Raises:
        DeviceError: If that can not be; it says what is missing and what to do.

    """
    folder = Path(os.environ.get(FOLDER, ".")).absolute()
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise DeviceError(f"lgpio can not write to {folder}: set {FOLDER} to a folder that this user may write to")
    try:
        # lgpio changes into its folder for good; relative paths of the command line must go on meaning the same.
        with contextlib.chdir("."):
            from gpiozero.pins import lgpio as pins
    except ImportError as trouble:
        raise DeviceError(f"no pins: lgpio is not installed ({trouble}); expected {LGPIO}") from trouble
    except AttributeError as trouble:
        # `pip install lgpio` on Python 3.13 finds no wheel but 0.0.0.2, whose only module has no bytes.
        raise DeviceError(f"no pins: this lgpio is empty (version 0.0.0.2?); expected {LGPIO}") from trouble
    except OSError as trouble:
        raise DeviceError(f"lgpio can not make its FIFO in {folder} ({trouble}); is {FOLDER} right?") from trouble
    try:
        return pins.LGPIOFactory()
    except (GPIOZeroError, OSError, pins.lgpio.error) as trouble:
        raise DeviceError(f"no pins: {trouble}; a Raspberry Pi and the group gpio are needed") from trouble


class GpioButton:
    """
    A contact between a pin and ground, or 3.3 V; fills `ports.Button`.

    Edges are told as they are, bounces included: gpiozero's own `bounce_time` can lose the last one (gpiozero#550), and
    a lost release is an open microphone. They carry the moment the kernel saw them, converted to `clock`, so that a
    busy interpreter does not make a short press long; and the moment of the call, where that can not be (see
    OLDEST_EDGE_S).

    Threads: lgpio's calls the watchers; all else is the event loop's.

    Args:
        pin: BCM number.
        active_low: Whether the contact goes to ground (pulled up), else to 3.3 V (pulled down).
        factory: Where pins come from; not closed with the button.
        clock: Monotonic.
        led_pin: BCM number of the light in the button, if any: lit from now until `close`, which says "press here".

    Raises:
        DeviceBusy: If another process holds a pin.
        DeviceError: If there is no such pin, or it can not be used so.

    """

    def __init__(
        self, pin: int, active_low: bool, factory: Factory, clock: Callable[[], Seconds], led_pin: int | None = None
    ) -> None:
        self._active_low, self._factory, self._clock = active_low, factory, clock
        self._watchers: list[Callable[[bool, Seconds], None]] = []
        self._latest = clock()
        with contextlib.ExitStack() as opened:
            with _in_words(pin):
                self._contact = opened.enter_context(InputDevice(pin, pull_up=active_low, pin_factory=factory))
                self._contact.pin.edges = "both"
                self._contact.pin.when_changed = self._changed
            if led_pin is not None:
                with _in_words(led_pin):
                    opened.enter_context(LED(led_pin, initial_value=True, pin_factory=factory))
            self._opened = opened.pop_all()

    def watch(self, edge: Callable[[bool, Seconds], None]) -> None:
        """Call `edge(down, at)` on each change of level, from lgpio's thread; `at` never goes back."""
        self._watchers.append(edge)

    def is_down(self) -> bool:
        """The level now, read from the pin."""
        return bool(self._contact.is_active)

    def close(self) -> None:
        """Let go of the pins and tell nobody any more; closing twice is fine."""
        self._watchers.clear()
        if not self._contact.closed:
            # Closing a pin of lgpio frees its line but leaves us on the list of those to call.
            self._contact.pin.when_changed = None
        self._opened.close()

    def _changed(self, ticks: float, high: int) -> None:
        down, at = bool(high) != self._active_low, self._moment(ticks)
        for edge in self._watchers:
            edge(down, at)

    def _moment(self, ticks: float) -> Seconds:
        """Ticks have a meaning only by their distance to others (gpiozero's Factory.ticks)."""
        age = self._factory.ticks_diff(self._factory.ticks(), ticks)
        known = 0 <= age <= OLDEST_EDGE_S
        # Being interrupted between the two clocks would put this edge before the last one.
        self._latest = max(self._latest, Seconds(self._clock() - age if known else self._clock()))
        return self._latest


@contextlib.contextmanager
def _in_words(pin: int) -> Iterator[None]:
    try:
        yield
    except Exception as trouble:  # lgpio's own error is a plain Exception that has no name before lgpio is imported
        kind = DeviceBusy if "busy" in str(trouble) else DeviceError
        raise kind(f"pin GPIO{pin} can not be used: {str(trouble).strip(chr(39))}") from trouble
