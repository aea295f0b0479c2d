"""
Opening a sound card and talking to it: what it grants is read back and checked, what it says against it is an error.

With `agent/devices/mixer.py` the only import of ALSA's binding.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import alsaaudio

from agent.errors import DeviceBusy, DeviceError, DeviceMissing
from agent.units import SAMPLE_RATE_HZ, Seconds

T = TypeVar("T")

RATES: Final = (SAMPLE_RATE_HZ, 48_000, 96_000, 32_000, 44_100, 16_000)
"""Asked for one after the other: ours costs nothing, 48 kHz 1.3 ms, the others up to 40 ms of delay, and 16 kHz the
brilliance of consonants besides."""

LONGEST_PERIOD: Final = 0.020
"""Seconds. A card that moves more at once makes a barge-in and a first syllable wait for it."""

MOST_CHANNELS: Final = 8

NO_PROGRESS: Final = Seconds(1.0)
"""A card that has moved nothing for a hundred periods is gone, whatever it says: dmix says EAGAIN for ever when its
card is pulled out (alsa-lib#137), and a USB card that hangs says nothing."""

FIRST_PROGRESS: Final = Seconds(5.0)
"""The same before anything has moved: a sound server that sleeps takes up to 2 s to look after a first stream."""

A_WHILE: Final = Seconds(0.2)
"""The longest that a reader or a writer is kept waiting: twenty periods, which a card that works never takes, so that a
thread whose card hangs still hears soon that it has to end, and shows that it is not the one who hangs."""

NO_HURRY: Final = Seconds(float("inf"))

REST: Final = Seconds(0.002)
"""Between two looks at a card that calls itself ready and is not: it means a period of its own, which may be shorter
than ours, or nothing at all any more. A fifth of a period, so that looking costs little and nothing runs dry."""

REASONS: Final = {os.strerror(errno.EBUSY): DeviceBusy, os.strerror(errno.EINVAL): DeviceError}
"""What pyalsaaudio's message begins with, it has no error numbers; all else means that the device is gone."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a card really gives: frames a second, channels, frames moved at once, frames it holds."""

    rate: int
    channels: int
    period: int
    buffer: int


class Card:
    """
    One direction of a sound card, open.

    Args:
        name: For error messages: which device of ours, on which PCM.
        device: An ALSA PCM name; for a card of its own `hw:CARD=...`.
        kind: alsaaudio.PCM_CAPTURE or PCM_PLAYBACK.
        periods: How many periods of 10 ms it should hold.

    Raises:
        DeviceMissing: If there is no such device.
        DeviceBusy: If another process holds it.
        DeviceError: If it grants nothing that we can use.

    """

    def __init__(self, name: str, device: str, kind: int, periods: int) -> None:
        self._name = name
        self.pcm, self.granted = self._open(device, kind, periods)
        self._is_open = True
        self._poll = select.poll()
        try:
            descriptors = self.told(self.pcm.polldescriptors)
        except DeviceError:
            self.close()
            raise
        self._own = {descriptor for descriptor, _ in descriptors}
        for descriptor, events in descriptors:
            self._poll.register(descriptor, events)
        self._patience = FIRST_PROGRESS
        self._stuck_since: Seconds | None = None
        self._was_ready = False

    def told(self, ask: Callable[..., T], *what: object) -> T:
        """Ask ALSA something; what it has against it comes back as an error of ours."""
        return _told(self._name, ask, *what)

    def gone(self, reason: str) -> DeviceMissing:
        """Say that the card is not there any more."""
        return DeviceMissing(f"{self._name}: {reason}")

    def moved(self) -> None:
        """Say that what `await_events` was asked for has come."""
        if self._stuck_since is not None:
            self._patience, self._stuck_since, self._was_ready = NO_PROGRESS, None, False

    @staticmethod
    def soon() -> Seconds:
        """The moment until which whoever begins to wait now may be kept waiting."""
        return Seconds(time.monotonic() + A_WHILE)

    def await_events(self, until: Seconds, wake: int | None = None) -> bool:
        """
        Block until the card has something to say, and tell that; or say no if that is not worth waiting for.

        Args:
            until: The moment from which on nobody wants to wait any more.
            wake: A descriptor; nor if it is readable.

        Raises:
            DeviceMissing: If nothing has moved for a second (for five, the first time), whatever the card says and
                however often it was waited for.

        """
        now = Seconds(time.monotonic())
        self._stuck_since = now if self._stuck_since is None else self._stuck_since
        left = self._stuck_since + self._patience - now
        if left <= 0:
            raise self.gone(f"no progress for {self._patience:g} s")
        if wake is not None:
            self._poll.register(wake, select.POLLIN)
        if now >= until or (self._was_ready and _rested(wake)):
            return False
        ready = self._poll.poll(min(left, until - now) * 1000)
        told = [one for one in ready if one[0] in self._own]
        self._was_ready = bool(told)
        if told:  # a sound server's plugin wants to hear of its descriptors' events, or they stay set
            self.told(self.pcm.polldescriptors_revents, told)
        return len(told) == len(ready) > 0

    def close(self) -> None:
        """Let go of it, and of what it holds; closing twice is fine."""
        if not self._is_open:
            return
        self._is_open = False
        with contextlib.suppress(DeviceError):  # one that is gone is silent
            self.told(self.pcm.drop)  # closing would play what it holds to its end
        self.pcm.close()

    def _open(self, device: str, kind: int, periods: int) -> tuple[alsaaudio.PCM, Granted]:
        refused = ""
        for rate in RATES:
            pcm = self.told(_opened, device, kind, rate, periods)
            granted, wrong = _checked(pcm.info(), rate)
            if granted:
                return pcm, granted
            pcm.close()
            refused = refused or wrong
        raise DeviceError(f"{self._name} grants {refused}: name another card, or a PCM that converts, such as default")


def _rested(wake: int | None) -> bool:
    """Block for a moment; tell whether `wake` ended it."""
    poll = select.poll()
    if wake is not None:
        poll.register(wake, select.POLLIN)
    return bool(poll.poll(REST * 1000))


def _opened(device: str, kind: int, rate: int, periods: int) -> alsaaudio.PCM:
    return alsaaudio.PCM(
        type=kind,
        mode=alsaaudio.PCM_NONBLOCK,
        device=device,
        rate=rate,
        channels=1,
        format=alsaaudio.PCM_FORMAT_S16_LE,
        periodsize=rate // 100,
        periods=periods,
    )


def _checked(info: dict[str, object], rate: int) -> tuple[Granted | None, str]:
    """Read what was granted: pyalsaaudio's constructor is content with less without a word."""
    got = Granted(
        int(str(info["rate"])), int(str(info["channels"])), int(str(info["period_size"])), int(str(info["buffer_size"]))
    )
    if info["format_name"] != "S16_LE":
        return None, f"{info['format_name']} instead of S16_LE"
    if got.rate != rate:
        return None, f"{got.rate} Hz"
    if got.channels > MOST_CHANNELS:
        return None, f"{got.channels} channels"
    if got.period > rate * LONGEST_PERIOD or got.buffer < 2 * max(got.period, rate // 100):
        return None, f"periods of {got.period} frames in a buffer of {got.buffer} at {rate} Hz"
    return got, ""


def _told(name: str, ask: Callable[..., T], *what: object) -> T:
    try:
        return ask(*what)
    except alsaaudio.ALSAAudioError as trouble:
        reason = str(trouble).partition(" [")[0]
        raise REASONS.get(reason, DeviceMissing)(f"{name}: {reason}") from trouble
