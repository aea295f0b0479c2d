"""Between the agent's 24 kHz and the rate of the sound card, as a stream."""

from __future__ import annotations

from math import ceil
from typing import Protocol

import numpy as np
import numpy.typing as npt
import soxr

from agent.units import SAMPLE_RATE_HZ, Pcm, Seconds

LOWEST_HZ, HIGHEST_HZ = 8_000, 192_000
"""What sound cards offer, from telephony to studio; anything else is a mistake."""

TAPS = 64
"""Of the half-band filter: images of 10 kHz are below -90 dB, where 32 taps leave -74 dB."""

BETA = 8.3
"""Of its Kaiser window, computed: -90 dB of 10 kHz, -81 of 11 kHz; 7 leaves -80 of the first, 9 -64 of the second."""

CENTRE = TAPS - 1
"""The middle of the filter as seen at 48 kHz (127 taps, every other one zero but this): its delay in samples there."""

SINC = np.sinc(np.arange(-CENTRE, CENTRE + 1, 2) / 2) * np.kaiser(2 * TAPS - 1, BETA)[::2]
BETWEEN = SINC / SINC.sum()
"""
What gives the value halfway between two samples of 24 kHz from the 32 on each side of it: shape (64,), sum 1.

In float64: numpy correlates 10 ms with it in 3.6 us, in float32 in 5.3 us.
"""

HALF_BAND_DELAY = Seconds(CENTRE / (2 * SAMPLE_RATE_HZ))
"""1.3 ms, where soxr needs 37 to 85 ms: why the commonest rate of cards has a filter of its own."""


class Rate(Protocol):
    """
    One direction of one stream of samples on its way to another rate.

    Threads: the one that moves the stream.
    """

    delay: Seconds
    """How much later a sound stands in what came out than in what went in, each counted at its own rate."""

    def process(self, pcm: Pcm) -> Pcm:
        """
        Take the next samples, any number of them; return the next ones at the other rate, saturated at int16.

        The counts keep the ratio of the rates, to one sample, from the first block on. At equal rates what comes out is
        the very array that went in.
        """

    def reset(self) -> None:
        """Forget what went in: a new stream begins, with silence before it."""


def to_card(rate_hz: int) -> Rate:
    """
    Convert 24 kHz to the card's rate.

    Raises:
        ValueError: If no card has such a rate.

    """
    if rate_hz == SAMPLE_RATE_HZ:
        return _Same()
    return _Doubled() if rate_hz == 2 * SAMPLE_RATE_HZ else _Soxr(SAMPLE_RATE_HZ, _sensible(rate_hz))


def from_card(rate_hz: int) -> Rate:
    """
    Convert the card's rate to 24 kHz.

    Raises:
        ValueError: If no card has such a rate.

    """
    if rate_hz == SAMPLE_RATE_HZ:
        return _Same()
    return _Halved() if rate_hz == 2 * SAMPLE_RATE_HZ else _Soxr(_sensible(rate_hz), SAMPLE_RATE_HZ)


class _Same:
    """The card runs at 24 kHz: the blocks themselves."""

    delay = Seconds(0.0)

    def process(self, pcm: Pcm) -> Pcm:
        return pcm

    def reset(self) -> None:
        """Nothing is kept."""


class _Doubled:
    """24 to 48 kHz: every other sample is the input itself, the ones between them are filtered."""

    delay = HALF_BAND_DELAY
    _kept: Pcm

    def __init__(self) -> None:
        self.reset()

    def process(self, pcm: Pcm) -> Pcm:
        if not len(pcm):
            return pcm
        kept = np.concatenate((self._kept, pcm))
        self._kept = kept[len(pcm) :]
        doubled = np.empty(2 * len(pcm), np.int16)
        doubled[::2] = _saturated(np.correlate(kept.astype(np.float64), BETWEEN, "valid"))
        doubled[1::2] = kept[TAPS // 2 :][: len(pcm)]
        return doubled

    def reset(self) -> None:
        self._kept = np.zeros(TAPS - 1, np.int16)


class _Halved:
    """48 to 24 kHz: the same filter, worked out only where a sample is wanted."""

    delay = HALF_BAND_DELAY
    _kept: Pcm

    def __init__(self) -> None:
        self.reset()

    def process(self, pcm: Pcm) -> Pcm:
        kept = np.concatenate((self._kept, pcm))
        count = (len(kept) - 2 * CENTRE + 1) // 2
        if not count:
            self._kept = kept
            return kept[:0]
        self._kept = kept[2 * count :]
        around = np.correlate(kept[: 2 * (count + CENTRE) : 2].astype(np.float64), BETWEEN, "valid")
        return _saturated((around + kept[CENTRE:][: 2 * count : 2]) / 2)

    def reset(self) -> None:
        self._kept = np.zeros(2 * CENTRE, np.int16)


class _Soxr:
    """
    Any other rate, by soxr HQ.

    soxr keeps its output back and hands it over in lumps of some 20 ms, which would starve a card that wants 10 ms at a
    time. So we hold as much as it ever lags, silence at first, and hand out what is due.
    """

    _held: npt.NDArray[np.float32]
    _owed: int

    def __init__(self, from_hz: int, to_hz: int) -> None:
        # In float, because soxr dithers int16: silence would not stay silent.
        self._soxr = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="HQ")
        self._from_hz, self._to_hz = from_hz, to_hz
        self._lag = self._longest_lag()
        self.delay = Seconds(self._lag / to_hz)
        self.reset()

    def process(self, pcm: Pcm) -> Pcm:
        if not len(pcm):
            return pcm
        held = np.concatenate((self._held, self._soxr.resample_chunk(pcm.astype(np.float32))))
        due, self._owed = divmod(self._owed + len(pcm) * self._to_hz, self._from_hz)
        self._held = held[due:]
        return _saturated(held[:due])

    def reset(self) -> None:
        self._soxr.clear()
        self._held = np.zeros(self._lag, np.float32)
        self._owed = 0

    def _longest_lag(self) -> int:
        """
        Samples of output that soxr is ever behind; it depends on the ratio and is written nowhere.

        Found by half a second of silence, 1 ms at a time, which takes about 1.5 ms; a lump that comes between two looks
        makes it up to 1 ms more. Larger blocks lag less.
        """
        block = np.zeros(self._from_hz // 1000, np.float32)
        wanted = came = longest = 0.0
        for _ in range(500):
            wanted += len(block) * self._to_hz / self._from_hz
            came += len(self._soxr.resample_chunk(block))
            longest = max(longest, wanted - came)
        return ceil(longest + self._to_hz / 1000)


def _sensible(rate_hz: int) -> int:
    if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        raise ValueError(f"a sound card has {LOWEST_HZ} to {HIGHEST_HZ} Hz, not {rate_hz}")
    return rate_hz


def _saturated(samples: npt.NDArray[np.float64] | npt.NDArray[np.float32]) -> Pcm:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
