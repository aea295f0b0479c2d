"""A ring of lights that remembers."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from agent.devices.ports import Colour
from agent.errors import DeviceError

REMEMBERED = 256
"""Pictures kept: ten seconds at 25 a second, more than any one test or glance asks for."""

BLACK: Colour = (0, 0, 0)


class MemoryRing:
    """
    A `LedRing` made of memory; the terminal draws its `colours`.

    Threads: the event loop only.
    """

    def __init__(self, leds: int) -> None:
        self.leds = leds
        self.shown: deque[tuple[Colour, ...]] = deque(maxlen=REMEMBERED)
        self._broken = False

    @property
    def colours(self) -> tuple[Colour, ...]:
        """What it shows now."""
        return self.shown[-1] if self.shown else (BLACK,) * self.leds

    def show(self, colours: Sequence[Colour]) -> None:
        """
        Show `leds` colours at once.

        Raises:
            DeviceError: If it was told to fail.
            ValueError: If there is not one colour per LED.

        """
        if len(colours) != self.leds:
            raise ValueError(f"{len(colours)} colours for {self.leds} LEDs")
        if self._broken:
            raise DeviceError("the ring cannot be driven: told to fail")
        self.shown.append(tuple(colours))

    def fail(self) -> None:
        """Refuse to show anything from now on."""
        self._broken = True

    def mend(self) -> None:
        """Show again."""
        self._broken = False

    def close(self) -> None:
        """Go dark; closing twice is fine."""
        self.shown.append((BLACK,) * self.leds)
