"""
Rings on an SPI bus: the only import of its binding.

Works on every Pi, the 5 included, and without root: the user is in the group `spi`.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Final, Protocol

from agent.devices.colours import BLACK, FULL_PERCENT, dimmed
from agent.devices.led_frames import (
    APA102_HZ,
    LONGEST_ZERO_S,
    SHORTEST_ONE_S,
    WS2812_HZ,
    apa102_frame,
    ws2812_frame,
)
from agent.devices.ports import Colour
from agent.errors import BadInput, DeviceError, DeviceMissing

LIMIT_FILE: Final = Path("/sys/module/spidev/parameters/bufsiz")
LIMIT: Final = 4096
"""Bytes that the driver sends without a pause where it does not say: its own default."""

PROBE_BYTES: Final = 4000
"""5.1 ms at 6.25 MHz: long beside the tenths of a millisecond that waking up takes, and below the usual limit."""

PROBES: Final = 3
"""The shortest counts: the others were kept waiting by somebody else."""

SLOWEST: Final = 2 / LONGEST_ZERO_S / 9
FASTEST: Final = 4 / SHORTEST_ONE_S / 8
"""
Bytes a second between which WS2812 LEDs may understand: 0.58 and 0.86 million.

A byte takes eight clocks, or nine where a Pi's controller works without DMA. A bus outside was asked for 6.4 MHz by a
driver that took its core for slower or faster than it is: 2.5 MHz on an idle Pi 4, where every 0 is a 1, and all white.
"""

GONE: Final = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ESHUTDOWN})
"""What a bus says that is not there, or no more."""


class SpiDevice(Protocol):
    """What we use of `spidev.SpiDev`."""

    mode: int
    max_speed_hz: int

    def writebytes2(self, data: bytes, /) -> None:
        """Send, in one piece up to the driver's limit; returns when it is sent."""

    def close(self) -> None:
        """Let go; closing twice is fine."""


class SpiBus:
    """
    An opened SPI device that puts its troubles into our words. Threads: the event loop only.

    Args:
        device: Opened.
        limit: The most bytes that the driver sends without a pause.
        clock: Monotonic seconds.

    """

    def __init__(self, device: SpiDevice, limit: int = LIMIT, clock: Callable[[], float] = perf_counter) -> None:
        self.limit = limit
        self._device, self._clock = device, clock

    @classmethod
    def opened(cls, address: str) -> SpiBus:
        """
        Open bus and device, such as "0.0".

        Raises:
            DeviceMissing: If there is no such device.
            DeviceError: If it may not be opened.

        """
        node, (bus, _, device) = Path(f"/dev/spidev{address}"), address.partition(".")
        _told(str(node), node.stat)
        try:
            import spidev
        except ImportError as trouble:
            raise DeviceError(f"ring: {trouble}; expected pip install 'reading-corner-agent[pi]'") from None
        spi = spidev.SpiDev()
        _told(str(node), spi.open, int(bus), int(device))
        return cls(spi, int(LIMIT_FILE.read_text()) if LIMIT_FILE.exists() else LIMIT)

    def tune(self, hertz: int) -> None:
        """
        Ask for this clock (the driver grants it or less) and mode 0.

        Raises:
            DeviceError: If it refuses.

        """
        _told("SPI mode", setattr, self._device, "mode", 0)
        _told("SPI clock", setattr, self._device, "max_speed_hz", hertz)

    def send(self, data: bytes) -> None:
        """
        Send in one piece; returns when it is sent.

        Raises:
            DeviceError: If it can not.

        """
        _told("SPI", self._device.writebytes2, data)

    def speed(self) -> float:
        """
        Bytes a second, measured by sending zeros: what spidev reads back as its clock is only what was asked for.

        Raises:
            DeviceError: If it can not send.

        """
        zeros, times = bytes(min(PROBE_BYTES, self.limit)), []
        for _ in range(PROBES):
            start = self._clock()
            self.send(zeros)
            times.append(self._clock() - start)
        return len(zeros) / min(times)

    def close(self) -> None:
        """Let go of it; closing twice is fine."""
        self._device.close()


class SpiRing:
    """An `LedRing` on a bus, which it closes with itself: `ws2812_ring` and `apa102_ring` build one."""

    def __init__(
        self, bus: SpiBus, leds: int, brightness_percent: int, frame: Callable[[Sequence[Colour]], bytes]
    ) -> None:
        self.leds = leds
        self._bus, self._percent, self._frame = bus, brightness_percent, frame
        self._closed = False

    def show(self, colours: Sequence[Colour]) -> None:
        """Show `leds` colours at once."""
        self._bus.send(self._frame(dimmed(colours, self.leds, self._percent)))

    def close(self) -> None:
        """Go dark and let go of the bus; closing twice is fine."""
        if not self._closed:
            self._closed = True
            with suppress(DeviceError):  # what does not answer any more can not be told to go dark
                self.show([BLACK] * self.leds)
            self._bus.close()


def ws2812_ring(bus: SpiBus, leds: int, brightness_percent: int = FULL_PERCENT) -> SpiRing:
    """
    A ring of WS2812B ("NeoPixel") LEDs, whose data line is on MOSI; blocks for 15 ms.

    Raises:
        BadInput: If a picture of so many LEDs can not be sent without a pause.
        DeviceError: If the bus does not keep the LEDs' time.

    """
    bus.tune(WS2812_HZ)
    longest = len(ws2812_frame([BLACK] * leds))
    if longest > bus.limit:
        raise BadInput("ring.leds", f"{leds}: {longest} bytes a picture", f"{bus.limit} bytes at most")
    speed = bus.speed()
    if not SLOWEST <= speed <= FASTEST:
        raise DeviceError(
            f"ring: the SPI bus sends {speed / 1e6:.2f} million bytes a second, WS2812 LEDs need 0.78: "
            "in config.txt, set core_freq=500 and core_freq_min=500 (Pi 4) or core_freq=250 (Pi 3, Zero)"
        )
    return SpiRing(bus, leds, brightness_percent, ws2812_frame)


def apa102_ring(bus: SpiBus, leds: int, brightness_percent: int = FULL_PERCENT) -> SpiRing:
    """
    A ring of APA102 ("DotStar") or SK9822 LEDs, on MOSI and SCLK. They read a clock line and need no exact time.

    Raises:
        DeviceError: If the bus can not be had.

    """
    bus.tune(APA102_HZ)
    return SpiRing(bus, leds, brightness_percent, apa102_frame)


def _told(name: str, ask: Callable[..., object], *what: object) -> None:
    """Ask the bus something; what it has against it comes back as an error of ours."""
    try:
        ask(*what)
    except OSError as trouble:
        kind = DeviceMissing if trouble.errno in GONE else DeviceError
        raise kind(f"ring: {name}: {trouble.strerror}{_cure(trouble)}") from trouble


def _cure(trouble: OSError) -> str:
    if isinstance(trouble, FileNotFoundError):
        return "; turn SPI on (dtparam=spi=on in config.txt)"
    if isinstance(trouble, PermissionError):
        return "; the user needs the group spi"
    return ""
