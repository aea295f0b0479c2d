"""Microphone and speaker of a sound card, at the rate and with the channels that it has."""

from __future__ import annotations

import errno
import os

import alsaaudio
import numpy as np

from agent.audio.rate import from_card, to_card
from agent.devices.pcm import Card
from agent.devices.ports import Wake
from agent.units import BYTES_PER_SAMPLE, PERIOD_SAMPLES, SAMPLE_RATE_HZ, Pcm

SPEAKER_PERIODS = 3
"""
30 ms: what may be late without an underrun, and what is heard after the last write.

With more, a barge-in is no slower (`drop` forgets them all), but the end of a reply is known later.
"""

MICROPHONE_PERIODS = 20
"""200 ms: twice the 93 ms that a Python thread was seen to be late behind the garbage collector (`playout.md` 2.6)."""

STEREO = 2


class AlsaMicrophone:
    """
    A `Microphone` that is a sound card's; `granted` is what the card gives, overruns are counted in `overruns`.

    Of two channels the mean is heard, for either may be the one with the microphone; of more, the first, which
    is where microphone arrays put what they made of the others.

    Args:
        device: An ALSA PCM name.

    Raises:
        DeviceMissing: If there is no such device.
        DeviceBusy: If another process holds it.
        DeviceError: If it grants nothing that we can use.

    """

    def __init__(self, device: str) -> None:
        self.overruns = 0
        self._card = Card(f"microphone {device}", device, alsaaudio.PCM_CAPTURE, MICROPHONE_PERIODS)
        self.granted = self._card.granted
        self._rate = from_card(self.granted.rate)
        self._frame_bytes = self.granted.channels * BYTES_PER_SAMPLE
        self._rest = b""
        self._heard: Pcm = np.zeros(0, np.int16)

    def read(self) -> Pcm:
        """Block until one period is there and return it: shape (240,)."""
        while len(self._heard) < PERIOD_SAMPLES:
            self._heard = np.concatenate((self._heard, self._rate.process(self._mono(self._frames()))))
        period, self._heard = self._heard[:PERIOD_SAMPLES], self._heard[PERIOD_SAMPLES:]
        return period

    def waiting(self) -> int:
        """Samples captured and not yet read, at 24 kHz."""
        frames: int = max(0, self._card.pcm.avail())  # trouble is for `read` to meet
        return len(self._heard) + frames * SAMPLE_RATE_HZ // self.granted.rate

    def close(self) -> None:
        """Let go of the device; closing twice is fine."""
        self._card.close()

    def _frames(self) -> bytes:
        """Whole frames as the card gives them, at least one."""
        while True:
            count, data = self._card.told(self._card.pcm.read)
            if count == -errno.EPIPE:
                self.overruns += 1
            elif count < 0:
                raise self._card.gone(os.strerror(-count))
            elif count == 0:
                self._card.await_events()
            else:
                data = self._rest + data
                whole = len(data) - len(data) % self._frame_bytes
                self._rest = data[whole:]
                return bytes(data[:whole])

    def _mono(self, data: bytes) -> Pcm:
        frames = np.frombuffer(data, np.dtype("<i2")).reshape(-1, self.granted.channels)
        if self.granted.channels == STEREO:
            mean: Pcm = (frames.sum(axis=1, dtype=np.int32) // STEREO).astype(np.int16)
            return mean
        first: Pcm = frames[:, 0].astype(np.int16)
        return first


class AlsaSpeaker:
    """
    A `Speaker` that is a sound card's; `granted` is what the card gives, underruns are counted in `underruns`.

    All channels play the same.

    Args:
        device: An ALSA PCM name.

    Raises:
        DeviceMissing: If there is no such device.
        DeviceBusy: If another process holds it.
        DeviceError: If it grants nothing that we can use.

    """

    def __init__(self, device: str) -> None:
        self.underruns = 0
        self._card = Card(f"speaker {device}", device, alsaaudio.PCM_PLAYBACK, SPEAKER_PERIODS)
        self.granted = self._card.granted
        self._rate = to_card(self.granted.rate)
        self._period = self.granted.rate * PERIOD_SAMPLES // SAMPLE_RATE_HZ

    def wait(self, wake: Wake) -> bool:
        """Block until there is room for one period, or until `wake` is set; tell whether there is room."""
        while not self._has_room():
            if self._card.await_events(wake.fileno()):
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
        frames = np.repeat(self._rate.process(pcm), self.granted.channels).astype("<i2")
        data, count = frames.tobytes(), len(frames) // self.granted.channels
        # An underrun that ALSA knows of already is mended by the binding without a word; one it finds out
        # about while writing is mended too, but nothing is written.
        ran_dry = self._avail() == -errno.EPIPE
        written = self._card.told(self._card.pcm.write, data)
        if written == -errno.EPIPE:
            ran_dry, written = True, self._card.told(self._card.pcm.write, data)
        if written != count:
            raise self._card.gone(f"took {written} of {count} frames")
        self.underruns += ran_dry
        return ran_dry

    def queued(self) -> int:
        """Samples written and not yet heard, at 24 kHz, rounded up."""
        # pyalsaaudio 0.11 has no snd_pcm_delay; what a server or a USB transfer holds beyond the buffer is not seen.
        held = max(0, self.granted.buffer - self._avail()) if self._runs() else 0
        return -(-held * SAMPLE_RATE_HZ // self.granted.rate) + round(self._rate.delay * SAMPLE_RATE_HZ)

    def drop(self) -> None:
        """Throw away what is queued: silence now."""
        self._card.told(self._card.pcm.drop)
        self._rate.reset()

    def close(self) -> None:
        """Let go of the device without playing the rest; closing twice is fine."""
        self._card.close()

    def _runs(self) -> bool:
        """Whether it plays. `avail` is of use only then: after a drop it may be anything."""
        return self._avail() != -errno.EPIPE and self._card.pcm.state() == alsaaudio.PCM_STATE_RUNNING

    def _has_room(self) -> bool:
        return not self._runs() or self._avail() >= self._period

    def _avail(self) -> int:
        """Room in frames, or -EPIPE after an underrun."""
        room: int = self._card.pcm.avail()
        if room < 0 and room != -errno.EPIPE:
            raise self._card.gone(os.strerror(-room))
        return room
