"""What every ring does with colours before it shows them."""

from __future__ import annotations

from collections.abc import Sequence

from agent.devices.ports import Colour

BLACK: Colour = (0, 0, 0)

FULL_PERCENT = 100
"""Colours as the scenes give them; the scenes are capped already."""


def checked(colours: Sequence[Colour], leds: int) -> Sequence[Colour]:
    """
    The colours as they came.

    Raises:
        ValueError: If there is not one colour per LED.

    """
    if len(colours) != leds:
        raise ValueError(f"{len(colours)} colours for {leds} LEDs")
    return colours


def dimmed(colours: Sequence[Colour], leds: int, percent: int) -> tuple[Colour, ...]:
    """
    So many percent (1 to 100) of each colour, rounded up: what is lit stays lit, a dim ring never listens in the dark.

    Raises:
        ValueError: If there is not one colour per LED.

    """
    return tuple(
        (_share(red, percent), _share(green, percent), _share(blue, percent))
        for red, green, blue in checked(colours, leds)
    )


def _share(part: int, percent: int) -> int:
    return -(-part * percent // FULL_PERCENT)
