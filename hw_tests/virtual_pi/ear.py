"""What the USB speaker has played, heard again: which reply's pitch, when. Pure but for reading the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

HEADER: Final = 44
"""Bytes before the samples in the emulator's file, whose own lengths are only right at its end."""

RATE_HZ: Final = 48_000
FRAME: Final = 4
"""Bytes: two channels of 16 bits."""

WINDOW: Final = RATE_HZ // 50
"""20 ms: its bins are 50 Hz wide."""

STEP_HZ: Final = 1000
"""Pitches are multiples of that."""

LEAST: Final = 0.003
"""RMS of what is no silence; the tutor's is thirty times as much, the card's own steps are below."""

PURE: Final = 0.5
"""The least part of a window's energy that is the tone's: a window that is torn by an underrun has little less."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Which pitch was in each window of 20 ms, in Hz; 0 for silence and for what is none of the tutor's."""

    pitches: NDArray[np.int64]

    def ms(self, pitch: int) -> int:
        """How long a pitch was to be heard, gaps not counted."""
        return int(np.count_nonzero(self.pitches == pitch)) * 20

    def order(self) -> list[int]:
        """The pitches in the order in which they began, without those of less than 100 ms, which may be a click."""
        found, first = np.unique(self.pitches, return_index=True)
        long = [
            (int(at), int(pitch)) for pitch, at in zip(found, first, strict=True) if pitch and self.ms(pitch) >= 100
        ]
        return [pitch for _, pitch in sorted(long)]

    def gap_ms(self, pitch: int) -> int:
        """The longest silence between the first and the last moment of a pitch."""
        at = np.flatnonzero(self.pitches == pitch)
        return int(np.max(np.diff(at), initial=1) - 1) * 20


def now(wav: Path) -> int:
    """How many frames were played so far; what was played in the last 20 ms may not be there yet."""
    return max(0, wav.stat().st_size - HEADER) // FRAME


def listen(wav: Path, since: int, until: int | None = None) -> Heard:
    """Hear what was played between two moments of `now`; to the end so far if there is no second."""
    with wav.open("rb") as file:
        file.seek(HEADER + since * FRAME)
        data = file.read() if until is None else file.read((until - since) * FRAME)
    left = np.frombuffer(data[: len(data) // FRAME * FRAME], "<i2").reshape(-1, 2)[:, 0]
    return heard(left / 32768)


def heard(samples: NDArray[np.float64]) -> Heard:
    """Tell the pitch of each whole window of samples from -1 to 1."""
    windows = samples[: len(samples) // WINDOW * WINDOW].reshape(-1, WINDOW)
    energy = np.sum(windows**2, axis=1)
    # Hann: a tone that begins within a window leaks less. Its main lobe is two bins to each side.
    spectra = np.abs(np.fft.rfft(windows * np.hanning(WINDOW), axis=1)) ** 2
    peak = np.argmax(spectra, axis=1)
    lobe = (np.take_along_axis(spectra, np.clip(peak + d, 0, WINDOW // 2)[:, None], 1)[:, 0] for d in range(-2, 3))
    hz = peak * RATE_HZ // WINDOW
    nearest = (hz + STEP_HZ // 2) // STEP_HZ * STEP_HZ
    is_pure = sum(lobe) >= PURE * np.sum(spectra, axis=1)
    is_tone = (energy / WINDOW >= LEAST**2) & is_pure & (np.abs(hz - nearest) <= RATE_HZ // WINDOW)
    return Heard(np.where(is_tone, nearest, 0))
