"""Colours as bytes for an SPI bus: WS2812 LEDs read the shape of the data line alone, APA102 its clock line as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from agent.devices.ports import Colour

WS2812_HZ: Final = 6_400_000
"""
Asked for. Every Pi grants 6.25 MHz, an even divisor of its 200, 250, 400 or 500 MHz.

One bit of an LED is one byte of the bus: 1.28 us.
"""

LONGEST_ZERO_S: Final = 380e-9
"""A pulse up to this long is a 0 (WS2812B-V5 data sheet). Ours lasts 2 clocks: 320 ns."""

SHORTEST_ONE_S: Final = 580e-9
"""A pulse from this long on is a 1 (WS2812B-V5 data sheet). Ours lasts 4 clocks: 640 ns."""

ZERO: Final = 0b11000000
ONE: Final = 0b11110000
"""Both begin high and end low: a pause between two bytes only makes a low longer, which does no harm."""

RESET: Final = bytes(WS2812_HZ * 300 // 8_000_000)
"""300 us of low: newer WS2812B want 280 to show what they got, older ones 50."""

SHAPES: Final = np.array(
    [[ONE if byte >> bit & 1 else ZERO for bit in range(7, -1, -1)] for byte in range(256)], np.uint8
)
"""What is sent for each byte: shape (256, 8), its highest bit first."""

APA102_HZ: Final = 4_000_000
"""
24 LEDs take 0.2 ms, which is soon enough, and slow bits forgive 3.3 V on jumper wires.

Each LED makes the clock anew a little lopsided; at 24 MHz long chains fail (pjrc.com, "Why APA102 LEDs have trouble").
"""

FULL_CURRENT: Final = 0b111_11111
"""
The mark of an LED and its five bits of brightness, all set.

Dimming is left to the colours, which have 255 steps for it instead of 31.
"""


def ws2812_frame(colours: Sequence[Colour]) -> bytes:
    """
    One picture for WS2812 LEDs.

    The low in front is for controllers whose line rests high: they would swallow the first bit.
    """
    green_first = np.array(colours, np.uint8)[:, [1, 0, 2]]
    return RESET + SHAPES[green_first].tobytes() + RESET


def apa102_frame(colours: Sequence[Colour]) -> bytes:
    """
    One picture for APA102 or SK9822 LEDs.

    Behind the colours come 32 clocks, without which an SK9822 shows nothing until the next picture, and one for every
    two LEDs, because each hands on what it gets half a clock late (cpldcpu.com, "SK9822: a clone of the APA102?").
    All are zeros: to a ring with more LEDs than we were told, ones would be white.
    """
    leds = b"".join(bytes((FULL_CURRENT, blue, green, red)) for red, green, blue in colours)
    return bytes(4) + leds + bytes(4) + bytes(len(colours) // 16 + 1)
