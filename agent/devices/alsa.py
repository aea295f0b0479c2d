"""Microphone and speaker of a sound card, at the rate and with the channels that it has."""

from __future__ import annotations

import errno
import os
from math import ceil

import alsaaudio
import numpy as np

from agent.audio.rate import from_card, to_card
from agent.devices.pcm import NO_HURRY, Card
from agent.devices.ports import Wake
from agent.units import BYTES_PER_SAMPLE, PERIOD, PERIOD_SAMPLES, SAMPLE_RATE_HZ, SILENCE, Pcm

SPEAKER_PERIODS = 3
"""
30 ms: what may be late without an underrun, and what is heard after the last write.

With more, a barge-in is no slower (`drop` forgets them all), but the end of a reply is known later.
"""

MICROPHONE_PERIODS = 20
"""200 ms: twice the 93 ms that a Python thread was seen to be late behind the garbage collector (`playout.md` 2.6)."""

XRUNS = 5
"""So many within one period are no accident of a busy machine: something is wrong with the card."""

STEREO = 2

FULL_SCALE = 32767
"""The largest sample that has a negative of its own."""

NOTHING: Pcm = np.zeros(0, np.int16)


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
        """Block until one period is there and return it, shape (240,); shape (0,) if that takes a while."""
        while len(self._heard) < PERIOD_SAMPLES:
            frames = self._frames()
            if not frames:
                return NOTHING
            self._heard = np.concatenate((self._heard, self._rate.process(self._mono(frames))))
        period, self._heard = self._heard[:PERIOD_SAMPLES], self._heard[PERIOD_SAMPLES:]
        return period

    def waiting(self) -> int:
        """Samples captured and not yet read, at 24 kHz, in the card and in the converter."""
        frames: int = max(0, self._card.pcm.avail())  # trouble is for `read` to meet
        held = round(self._rate.delay * SAMPLE_RATE_HZ)
        return len(self._heard) + held + frames * SAMPLE_RATE_HZ // self.granted.rate

    def close(self) -> None:
        """Let go of the device; closing twice is fine."""
        self._card.close()

    def _frames(self) -> bytes:
        """Whole frames as the card gives them; none if it gives none for a while."""
        overruns, until = 0, self._card.soon()
        while overruns <= XRUNS:
            count, data = self._card.told(self._card.pcm.read)
            if count > 0:
                self._card.moved()
                return self._whole(data)
            if count < 0:
                overruns += 1
                self.overruns += 1
                self._card.moved()  # too much, if anything: this thread was held up, the card was not
                until = self._card.soon()
            elif not self._card.await_events(until):
                return b""
        raise self._card.gone("overruns and nothing else")

    def _whole(self, data: bytes) -> bytes:
        data = self._rest + data
        whole = len(data) - len(data) % self._frame_bytes
        self._rest = data[whole:]
        return data[:whole]

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
        ceiling_dbfs: No sample that goes to the card is larger. The limiter works at 24 kHz, and between its samples
            a converted sound can swing higher: square noise at -6 dBFS to 0, loud speech to -1.3.

    Raises:
        DeviceMissing: If there is no such device.
        DeviceBusy: If another process holds it.
        DeviceError: If it grants nothing that we can use.

    """

    def __init__(self, device: str, ceiling_dbfs: float = 0.0) -> None:
        self.underruns = 0
        self._ceiling = int(FULL_SCALE * 10 ** (ceiling_dbfs / 20))
        self._card = Card(f"speaker {device}", device, alsaaudio.PCM_PLAYBACK, SPEAKER_PERIODS)
        self.granted = self._card.granted
        self._rate = to_card(self.granted.rate)
        self._frame_bytes = self.granted.channels * BYTES_PER_SAMPLE
        self._period = self.granted.rate * PERIOD_SAMPLES // SAMPLE_RATE_HZ
        self._silence = bytes(self._period * self._frame_bytes)
        self._dying_away = ceil(2 * self._rate.delay / PERIOD)
        self._silent = 0
        self._since_drop = 0
        self._is_still = True
        self._ran_dry = False

    def wait(self, wake: Wake) -> bool:
        """Block until there is room for one period, `wake` is set or a while has passed; tell whether there is room."""
        until = self._card.soon()
        while not self._has_room():
            if not self._card.await_events(until, wake.fileno()):
                return self._has_room()
        self._card.moved()
        return True

    def write(self, pcm: Pcm) -> bool:
        """
        Queue one period; tell whether the speaker ran dry since the last write.

        Raises:
            ValueError: If it is not one period of int16.

        """
        if pcm.shape != (PERIOD_SAMPLES,) or pcm.dtype != np.int16:
            raise ValueError(f"a period is {PERIOD_SAMPLES} samples of int16, not {pcm.shape} of {pcm.dtype}")
        ran_dry = self._write(self._converted(pcm)) or self._ran_dry
        self._ran_dry = False
        self._since_drop += len(pcm)
        self.underruns += ran_dry
        return ran_dry

    def queued(self) -> int:
        """
        Samples written and not yet heard, at 24 kHz, rounded up.

        None when the card has nothing to play; what the conversion still keeps then is heard with the next period.
        """
        # pyalsaaudio 0.11 has no snd_pcm_delay; what a server or a USB transfer holds beyond the buffer is not seen.
        room = self._room()
        held = 0 if room is None else self.granted.buffer - room
        if held <= 0:  # a sound server's plugin may tell of more room than there is
            return 0
        converting = round(self._rate.delay * SAMPLE_RATE_HZ)
        return min(self._since_drop, -(-held * SAMPLE_RATE_HZ // self.granted.rate) + converting)

    def drop(self) -> None:
        """Throw away what is queued: silence now."""
        self._card.told(self._card.pcm.drop)
        self._rate.reset()
        self._since_drop = 0
        self._is_still = True
        self._ran_dry = False

    def close(self) -> None:
        """Let go of the device without playing the rest; closing twice is fine."""
        self._card.close()

    def _converted(self, pcm: Pcm) -> bytes:
        """One period as the card wants it; silence that follows silence, most of a day, is not worked out each time."""
        self._silent = self._silent + 1 if pcm is SILENCE or not pcm.any() else 0
        if self._silent > self._dying_away:  # a converter's filters are as long after a sample as before it
            return self._silence
        converted = self._rate.process(pcm).clip(-self._ceiling, self._ceiling)
        return np.repeat(converted, self.granted.channels).astype("<i2").tobytes()

    def _has_room(self) -> bool:
        room = self._room()
        return room is None or room >= self._period

    def _room(self) -> int | None:
        """
        Frames that it would take now; None if it ran dry.

        Before the first write and after a drop that is the whole buffer, but a `hw:` PCM that is asked says EBADFD
        after a drop (`do_pcm_hwsync` of the kernel), and a plugin says anything.
        """
        if self._is_still:
            return self.granted.buffer
        room: int = self._card.pcm.avail()
        if room == -errno.EPIPE:
            self._ran_dry = True
            return None
        if room < 0:
            raise self._card.gone(os.strerror(-room))
        return room

    def _write(self, data: bytes) -> bool:
        """Write all of it; tell whether ALSA only then found out that the speaker had run dry."""
        underruns = 0
        while data:
            written = self._card.told(self._card.pcm.write, data)
            if written > 0:
                self._is_still = False
                self._card.moved()
                data = data[written * self._frame_bytes :]
            elif written == 0:
                self._card.await_events(NO_HURRY)
            elif underruns == XRUNS:
                raise self._card.gone("underruns and nothing else")
            else:
                underruns += 1  # mended by the binding, but nothing was written
        return underruns > 0
