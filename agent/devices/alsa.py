"""
Microphone and speaker of this machine, through ALSA: the only import of its binding.

Any PCM name will do that grants 24 kHz mono, such as `default` on a machine with a sound server, or `plughw:`.
"""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable
from typing import TypeVar

import alsaaudio
import numpy as np

from agent.devices.ports import Wake
from agent.errors import DeviceBusy, DeviceError, DeviceMissing
from agent.units import BYTES_PER_SAMPLE, PERIOD_SAMPLES, SAMPLE_RATE_HZ, Pcm

T = TypeVar("T")

SPEAKER_PERIODS = 3
"""
30 ms: what may be late without an underrun, and what is heard after the last write.

With more, a barge-in is no slower (`drop` forgets them all), but the end of a reply is known later.
"""

MICROPHONE_PERIODS = 20
"""200 ms: twice the 93 ms that a Python thread was seen to be late behind the garbage collector (`playout.md` 2.6)."""

WANTED = {"rate": SAMPLE_RATE_HZ, "channels": 1, "format_name": "S16_LE"}
"""Keys as pyalsaaudio 0.11 names them in `info()`. Its constructor is content with less without a word."""

TROUBLE = {os.strerror(errno.EBUSY): DeviceBusy, os.strerror(errno.EINVAL): DeviceError}
"""What pyalsaaudio's message begins with, it has no error numbers; all else means that the device is gone."""


class AlsaMicrophone:
    """
    A `Microphone` that is a sound card's.

    Overruns are counted in `overruns`.

    Raises:
        DeviceMissing: If there is no such device, or no more.
        DeviceBusy: If another process holds it.
        DeviceError: If it does not grant 24 kHz mono int16.

    """

    def __init__(self, device: str = "default") -> None:
        self.overruns = 0
        self._pcm = _open(f"microphone {device}", device, alsaaudio.PCM_CAPTURE, MICROPHONE_PERIODS)
        self._rest = b""

    def read(self) -> Pcm:
        """Block until one period is there and return it: shape (240,)."""
        needed = PERIOD_SAMPLES * BYTES_PER_SAMPLE
        while len(self._rest) < needed:
            count, data = _told("microphone", self._pcm.read)
            if count == -errno.EPIPE:
                self.overruns += 1
            elif count < 0:
                raise DeviceMissing(f"microphone: {os.strerror(-count)}")
            else:
                self._rest += data
        period, self._rest = self._rest[:needed], self._rest[needed:]
        return np.frombuffer(period, np.dtype("<i2"))

    def close(self) -> None:
        """Let go of the device; closing twice is fine."""
        self._pcm.close()


class AlsaSpeaker:
    """
    A `Speaker` that is a sound card's.

    Underruns are counted in `underruns`.

    Raises:
        DeviceMissing: If there is no such device, or no more.
        DeviceBusy: If another process holds it.
        DeviceError: If it does not grant 24 kHz mono int16.

    """

    def __init__(self, device: str = "default") -> None:
        self.underruns = 0
        self._pcm = _open(f"speaker {device}", device, alsaaudio.PCM_PLAYBACK, SPEAKER_PERIODS)
        self._buffer_samples: int = self._pcm.info()["buffer_size"]
        self._descriptors = {descriptor for descriptor, _ in self._pcm.polldescriptors()}
        self._poll = select.poll()
        for descriptor, events in self._pcm.polldescriptors():
            self._poll.register(descriptor, events)
        self._closed = False

    def wait(self, wake: Wake) -> bool:
        """Block until there is room for one period, or until `wake` is set; tell whether there is room."""
        self._poll.register(wake.fileno(), select.POLLIN)
        while not self._has_room():
            ready = self._poll.poll()
            # The sound server's plugin wants to be told of its descriptors' events, or they stay set.
            events = [one for one in ready if one[0] in self._descriptors]
            _told("speaker", self._pcm.polldescriptors_revents, events)
            if any(descriptor == wake.fileno() for descriptor, _ in ready):
                return self._has_room()
        return True

    def write(self, pcm: Pcm) -> bool:
        """
        Queue one period; tell whether the speaker ran dry since the last write.

        Raises:
            ValueError: If it is not one period of int16.

        """
        if pcm.shape != (PERIOD_SAMPLES,) or pcm.dtype != np.int16:
            raise ValueError(f"a period is {PERIOD_SAMPLES} samples of int16, not {pcm.shape} of {pcm.dtype}")
        data = pcm.tobytes()
        # An underrun that ALSA knows of already is mended by the binding without a word; one it finds out
        # about while writing is mended too, but nothing is written.
        ran_dry = self._avail() == -errno.EPIPE
        written = _told("speaker", self._pcm.write, data)
        if written == -errno.EPIPE:
            ran_dry, written = True, _told("speaker", self._pcm.write, data)
        if written != PERIOD_SAMPLES:
            raise DeviceMissing(f"speaker: took {written} of {PERIOD_SAMPLES} samples")
        self.underruns += ran_dry
        return ran_dry

    def queued(self) -> int:
        """Samples written and not yet heard."""
        # pyalsaaudio 0.11 has no snd_pcm_delay; what a server or a USB transfer holds beyond the buffer is not seen.
        return max(0, self._buffer_samples - self._avail()) if self._runs() else 0

    def drop(self) -> None:
        """Throw away what is queued: silence now."""
        _told("speaker", self._pcm.drop)

    def close(self) -> None:
        """Let go of the device without playing the rest; closing twice is fine."""
        if not self._closed:
            self._closed = True
            self._drop_if_it_can()
            self._pcm.close()

    def _runs(self) -> bool:
        """Whether it plays. `avail` is of use only then: after a drop it may be anything."""
        return self._avail() != -errno.EPIPE and self._pcm.state() == alsaaudio.PCM_STATE_RUNNING

    def _has_room(self) -> bool:
        return not self._runs() or self._avail() >= PERIOD_SAMPLES

    def _avail(self) -> int:
        """Room in samples, or -EPIPE after an underrun."""
        room: int = self._pcm.avail()
        if room < 0 and room != -errno.EPIPE:
            raise DeviceMissing(f"speaker: {os.strerror(-room)}")
        return room

    def _drop_if_it_can(self) -> None:
        # Closing plays what is queued to its end, which is not what was asked for.
        try:
            self.drop()
        except DeviceError:
            return  # it is gone, and silent


def _open(name: str, device: str, kind: int, periods: int) -> alsaaudio.PCM:
    def opened() -> alsaaudio.PCM:
        return alsaaudio.PCM(
            type=kind,
            mode=alsaaudio.PCM_NORMAL,
            device=device,
            rate=SAMPLE_RATE_HZ,
            channels=1,
            format=alsaaudio.PCM_FORMAT_S16_LE,
            periodsize=PERIOD_SAMPLES,
            periods=periods,
        )

    pcm = _told(name, opened)
    granted = pcm.info()
    if any(granted[key] != value for key, value in WANTED.items()) or granted["buffer_size"] < 2 * PERIOD_SAMPLES:
        pcm.close()
        raise DeviceError(
            f"{name} grants {granted['rate']} Hz, {granted['channels']} channels, {granted['format_name']}, "
            f"{granted['buffer_size']} samples of buffer, but {SAMPLE_RATE_HZ} Hz, 1 channel, S16_LE, "
            f"{2 * PERIOD_SAMPLES} samples are needed: name one that converts, such as default or plughw:"
        )
    return pcm


def _told(name: str, ask: Callable[..., T], *what: object) -> T:
    """Ask ALSA something; what it has against it comes back as an error of ours."""
    try:
        return ask(*what)
    except alsaaudio.ALSAAudioError as trouble:
        reason = str(trouble).partition(" [")[0]
        raise TROUBLE.get(reason, DeviceMissing)(f"{name}: {reason}") from trouble
