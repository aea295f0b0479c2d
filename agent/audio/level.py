"""How loud: for the ring, which shows the student that they are heard."""

from __future__ import annotations

import math

import numpy as np

from agent.units import SAMPLES_PER_MS, Pcm

FULL_SCALE = 32768
"""The size of the largest int16 sample: 0 dBFS."""

FLOOR_DBFS = -96.0
"""Silence, as a number: 16 bits times 6.02 dB. Without it, the logarithm of nothing."""

DARK_DBFS = -50.0
"""What the ring does not show: a microphone's own noise and a room at rest."""

BRIGHT_DBFS = -10.0
"""What lights the ring fully: the RMS of speech whose peaks, some 10 dB above it, reach full scale."""

DECAY_SAMPLES = 500 * SAMPLES_PER_MS
"""From bright to dark: 500 ms, so that syllables, 200 ms apart, don't flicker and the end of a sentence shows."""


def dbfs(pcm: Pcm) -> float:
    """RMS over the block, in dB where a square wave of full scale is 0; `FLOOR_DBFS` for silence or no samples."""
    if not len(pcm):
        return FLOOR_DBFS
    samples = pcm.astype(np.float64)
    mean_square = float(samples @ samples) / len(pcm)
    return max(FLOOR_DBFS, 10 * math.log10(mean_square / FULL_SCALE**2)) if mean_square else FLOOR_DBFS


class Meter:
    """
    Follow speech up at once and down slowly: 0 is `DARK_DBFS` or less, 1 is `BRIGHT_DBFS` or more.

    Threads: one audio thread calls `hear`; the event loop only reads `level`. Between them is that
    one attribute, replaced whole.
    """

    def __init__(self) -> None:
        self.level = 0.0

    def hear(self, pcm: Pcm) -> float:
        """Take the next samples of the stream, any number, 24 kHz; return the new level."""
        now = (dbfs(pcm) - DARK_DBFS) / (BRIGHT_DBFS - DARK_DBFS)
        fallen = self.level - len(pcm) / DECAY_SAMPLES
        self.level = min(1.0, max(0.0, now, fallen))
        return self.level
