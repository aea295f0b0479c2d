"""A fake SPI device with LEDs that read the wire as the data sheets say, and refuse what they would not understand."""

import errno
import os
from itertools import groupby

BLACK = (0, 0, 0)

ZERO_NS, ONE_NS = (220, 380), (580, 1000)
"""How long a 0 and a 1 are high (WS2812B-V5 data sheet)."""

LOW_NS = (580, 5000)
"""How long the line is low between two pulses: the least of the data sheet; from 5 us on some make it a reset."""

RESET_NS = 280_000


class NotUnderstoodError(AssertionError):
    """The LEDs would show anything but what was meant."""


class FakeSpi:
    """
    What we use of `spidev.SpiDev`; takes as long as the real one, on a clock of its own (`now`).

    Args:
        granted_hz: The clock it runs at, whatever is asked for.
        gap: Clocks between two bytes.

    """

    def __init__(self, granted_hz=6_250_000, gap=0):
        self.mode, self.max_speed_hz = 3, 500_000
        self.granted_hz, self.gap = granted_hz, gap
        self.written, self.trouble, self.closed, self.now = [], None, False, 0.0

    def clock(self):
        return self.now

    def fail(self, code):
        """Fail with this error number from now on; None mends it."""
        self.trouble = code

    def writebytes2(self, data):
        if self.trouble is not None or self.closed:
            code = errno.EBADF if self.closed else self.trouble
            raise OSError(code, os.strerror(code))
        assert self.mode == 0
        self.now += len(data) * (8 + self.gap) / self.granted_hz
        self.written.append(bytes(data))
        self.read_wire(bytes(data))

    def close(self):
        self.closed = True

    def levels(self, data):
        """The data line, clock by clock."""
        return [int(level) for byte in data for level in f"{byte:08b}" + "0" * self.gap]


class Ws2812Strip(FakeSpi):
    """`leds` WS2812B LEDs: the first 24 bits are the first one's; what is behind the last one is lost."""

    def __init__(self, leds, granted_hz=6_250_000, gap=0):
        super().__init__(granted_hz, gap)
        self.colours = [BLACK] * leds

    def pulses(self, data):
        """[(level, nanoseconds), ...]."""
        return [(level, len([*same]) * 1e9 / self.granted_hz) for level, same in groupby(self.levels(data))]

    def read_wire(self, data):
        pulses = self.pulses(data)
        if not any(data):
            return
        before, *inner, after = pulses
        # The last bit's own low is the beginning of the reset behind it.
        if before[0] or after[0] or min(before[1], after[1]) < RESET_NS:
            raise NotUnderstoodError(f"no reset of {RESET_NS} ns around a picture")
        bits = [_bit(duration) for level, duration in inner if level]
        if any(not LOW_NS[0] <= duration <= LOW_NS[1] for level, duration in inner if not level):
            raise NotUnderstoodError("a low that is too short, or a reset")
        parts = [int("".join(map(str, bits[n : n + 8])), 2) for n in range(0, len(bits), 8)]
        for led, (green, red, blue) in enumerate(zip(parts[::3], parts[1::3], parts[2::3], strict=True)):
            if led < len(self.colours):
                self.colours[led] = (red, green, blue)


def _bit(duration):
    for bit, (least, most) in enumerate((ZERO_NS, ONE_NS)):
        if least <= duration <= most:
            return bit
    raise NotUnderstoodError(f"{duration:.0f} ns high is neither 0 nor 1")


class Apa102Strip(FakeSpi):
    """
    `leds` SK9822 LEDs, which want all that APA102 want, and more.

    Each takes the first LED's frame after a start frame and hands on the rest half a clock late; it shows what it took
    after 32 clocks of zeros behind the last one.
    """

    def __init__(self, leds, granted_hz=4_000_000):
        super().__init__(granted_hz)
        self.colours = [BLACK] * leds

    def read_wire(self, data):
        if data[:4] != bytes(4):
            raise NotUnderstoodError("no start frame")
        frames = [data[n : n + 4] for n in range(4, len(data), 4)]
        told = [frame for frame in frames if len(frame) == 4 and frame[0] >> 5 == 0b111]
        clocks_behind = 8 * (len(data) - 4 * (1 + len(told)))
        for led, (light, blue, green, red) in enumerate(told[: len(self.colours)]):
            if clocks_behind >= 32 + led / 2:
                self.colours[led] = tuple(round(part * (light & 31) / 31) for part in (red, green, blue))
