"""Instead of a ring: a line of dots for a developer, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from rich.console import Console
from rich.text import Text

from agent.devices.colours import BLACK, checked
from agent.devices.ports import Colour
from agent.errors import DeviceError

GLOW: Final = 4
"""Scenes are kept dim for the sake of a supply; a dot on a screen must be brighter to be seen at all."""


class TerminalRing:
    """
    An `LedRing` that is one line of dots, drawn in place.

    Args:
        leds: At least one.
        console: Where it is drawn.

    Raises:
        DeviceError: If nobody could see it there: a ring in a log file would be listening in the dark.

    """

    def __init__(self, leds: int, console: Console) -> None:
        if not console.is_terminal:
            raise DeviceError("ring: there is no terminal to draw it on; set ring.kind to what is wired")
        self.leds = leds
        self._console = console
        self._closed = False

    def show(self, colours: Sequence[Colour]) -> None:
        """
        Show `leds` colours at once.

        Raises:
            DeviceError: If the terminal is gone.

        """
        self._draw(checked(colours, self.leds), end="\r")

    def close(self) -> None:
        """Go dark and leave the line; closing twice is fine."""
        if not self._closed:
            self._closed = True
            with suppress(DeviceError):  # a terminal that is gone is dark
                self._draw([BLACK] * self.leds, end="\n")

    def _draw(self, colours: Sequence[Colour], end: str) -> None:
        dots = Text.assemble(*(("●", _style(colour)) for colour in colours))
        try:
            self._console.print(dots, end=end, overflow="crop", no_wrap=True)
        except OSError as trouble:
            raise DeviceError(f"ring: the terminal is gone: {trouble.strerror}") from trouble


class NoRing:
    """
    An `LedRing` that shows nothing. Only for a corner whose owner said so: nobody sees when it listens.

    It has one LED, the least there is to draw.
    """

    leds = 1

    def show(self, colours: Sequence[Colour]) -> None:
        """Show nothing."""
        checked(colours, self.leds)

    def close(self) -> None:
        """Nothing to let go of."""


def _style(colour: Colour) -> str:
    red, green, blue = (min(255, GLOW * part) for part in colour)
    return f"rgb({red},{green},{blue})"
