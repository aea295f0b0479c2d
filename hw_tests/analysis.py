"""What a recording, or a list of edges, tells: pure, so that it can be tested where there is no device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.audio.level import FLOOR_DBFS, FULL_SCALE, dbfs
from agent.units import SAMPLE_RATE_HZ, SAMPLES_PER_MS, Pcm, Seconds

TONE_HZ: Final = 1000
"""Where the cheapest speaker and microphone are still good, and 24 samples make a whole wave."""

WINDOW_SAMPLES: Final = 5 * SAMPLES_PER_MS
"""Five whole waves: the mean over them is free of the second harmonic that the mixing makes."""

EDGE_DB: Final = 10.0
"""A tone begins and ends where it is 10 dB below itself: a classroom's echo needs a quarter of a second for the next
10 dB, and that is the room's and not ours."""

CLEAR_DB: Final = 10.0
"""How far a tone has to stand above the noise before its edges can be told from it."""

BLOCK_SAMPLES: Final = 100 * SAMPLES_PER_MS
QUIET_PERCENT: Final = 10
"""The noise floor is that of the quietest tenth of all blocks of 100 ms: somebody may cough."""

FLAT_SAMPLES: Final = 3
"""One sample at full scale is a loud one; three in a row are the flat top of a wave that did not fit."""

Envelope = npt.NDArray[np.float64]
"""Amplitude in units of int16; entry n is of the window that begins with sample n."""

Edge = tuple[bool, Seconds]
"""Whether the contact went down, and when."""


@dataclass(frozen=True, slots=True)
class ToneHeard:
    """A tone in a recording: its first and last sample, its RMS in dBFS, and that above the noise before it."""

    begin: float
    end: float
    level_dbfs: float
    above_noise_db: float


@dataclass(frozen=True, slots=True)
class Movement:
    """A contact moved: where to, when it began, how long it chattered."""

    down: bool
    at: Seconds
    bounce: Seconds


@dataclass(frozen=True, slots=True)
class Bounces:
    """How a contact behaved: presses and releases, how many of them chattered, the longest and the 95th percentile."""

    presses: int
    releases: int
    chattering: int
    worst: Seconds
    p95: Seconds


def tone(length: Seconds, peak_dbfs: float) -> Pcm:
    """Make a tone of 1 kHz, shape (n,); it begins and ends within a millisecond, so that it does not click."""
    count = round(length * SAMPLE_RATE_HZ)
    wave = np.sin(2 * np.pi * TONE_HZ / SAMPLE_RATE_HZ * np.arange(count))
    ramp = np.minimum(1.0, np.arange(count) / SAMPLES_PER_MS)
    amplitude = (FULL_SCALE - 1) * 10 ** (peak_dbfs / 20)
    pcm: Pcm = np.rint(amplitude * wave * ramp * ramp[::-1]).astype(np.int16)
    return pcm


def find_tone(pcm: Pcm, quiet: int) -> ToneHeard | None:
    """
    Find our tone in a recording.

    Args:
        pcm: At 24 kHz.
        quiet: So many samples at its beginning are known to be without the tone.

    Returns:
        None if there is no tone that stands out.

    """
    envelope = _envelope(pcm)
    loudest = float(envelope.max(initial=0.0))
    if loudest == 0.0:
        return None
    plateau = float(np.median(envelope[envelope > loudest / 2]))
    noise = float(np.median(envelope[: max(1, quiet - WINDOW_SAMPLES)]))
    above = 20 * math.log10(plateau / max(noise, 1.0))
    if above < CLEAR_DB:
        return None
    inside = np.flatnonzero(envelope > plateau * 10 ** (-EDGE_DB / 20))
    first, last = int(inside[0]), int(inside[-1])
    # A window at the edge holds so much of the tone as its mean says.
    begin = first + WINDOW_SAMPLES * (1 - min(1.0, float(envelope[first]) / plateau))
    end = last + WINDOW_SAMPLES * min(1.0, float(envelope[last]) / plateau)
    return ToneHeard(begin, end, 20 * math.log10(plateau / math.sqrt(2) / FULL_SCALE), above)


def noise_floor_dbfs(pcm: Pcm) -> float:
    """RMS of the quietest tenth of a recording, in dBFS; `FLOOR_DBFS` for digital silence."""
    blocks = [pcm[n : n + BLOCK_SAMPLES] for n in range(0, len(pcm) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES)]
    return float(np.percentile([dbfs(block) for block in blocks], QUIET_PERCENT)) if blocks else FLOOR_DBFS


def clipped(pcm: Pcm) -> int:
    """Count the samples in the flat tops of waves that did not fit."""
    at_limit = np.abs(pcm.astype(np.int32)) >= FULL_SCALE - 1
    edges = np.flatnonzero(np.diff(np.concatenate(([False], at_limit, [False]))))
    runs = edges[1::2] - edges[::2]
    return int(runs[runs >= FLAT_SAMPLES].sum())


def movements(edges: Sequence[Edge], quiet: Seconds) -> list[Movement]:
    """Put together what belongs together: an edge less than `quiet` after another is the chatter of one movement."""
    groups: list[list[Edge]] = []
    for edge in edges:
        if groups and edge[1] - groups[-1][-1][1] < quiet:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    return [Movement(group[-1][0], group[0][1], Seconds(group[-1][1] - group[0][1])) for group in groups]


def bounces(moved: Sequence[Movement]) -> Bounces:
    """Sum up how a contact chatters."""
    lengths = [movement.bounce for movement in moved]
    return Bounces(
        presses=sum(movement.down for movement in moved),
        releases=sum(not movement.down for movement in moved),
        chattering=sum(length > 0 for length in lengths),
        worst=Seconds(max(lengths, default=0.0)),
        p95=Seconds(float(np.percentile(lengths, 95)) if lengths else 0.0),
    )


def _envelope(pcm: Pcm) -> Envelope:
    turns = np.exp(-2j * np.pi * TONE_HZ / SAMPLE_RATE_HZ * np.arange(len(pcm)))
    summed = np.cumsum(np.concatenate(([0.0], pcm * turns)))
    envelope: Envelope = 2 * np.abs(summed[WINDOW_SAMPLES:] - summed[:-WINDOW_SAMPLES]) / WINDOW_SAMPLES
    return envelope
