"""
Sound where none has come, and joins that do not click.

A voice repeats itself from one pitch period to the next. So a period can be played twice (slower), or the last one
again and again (a gap), and nobody hears where.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agent.units import SAMPLES_PER_MS, Pcm

SHORTEST_LAG = 5 * SAMPLES_PER_MS
LONGEST_LAG = 15 * SAMPLES_PER_MS
"""Where a pitch period is looked for, as in G.711 Appendix I: one of a man's, several of a child's. Below 5 ms a
repetition buzzes."""

LIKENESS_WINDOW = 10 * SAMPLES_PER_MS
"""What is compared: two periods of a low woman's voice."""

PAST_SAMPLES = 48 * SAMPLES_PER_MS
"""Sound to keep for the search (reference: playout, 2.1)."""

JOIN_SAMPLES = 5 * SAMPLES_PER_MS
"""A fade or cross-fade: too short to be heard as one, long enough not to click."""

FULL_SAMPLES = 10 * SAMPLES_PER_MS
CONCEALED_SAMPLES = 60 * SAMPLES_PER_MS
"""A gap is bridged at full level for 10 ms, then ever softer until 60 ms (the fade of G.711 Appendix I). Longer ones
sound worse than silence; gaps of Wi-Fi and duplex models are 20-60 ms, and then not before 140 ms."""

ALIKE = 0.9
"""Normalised correlation above which a repeated period goes unnoticed (NetEQ's preemptive expand)."""

QUIET = 200.0
"""Root mean square (-44 dBFS) below which anything may be repeated: the room tone between words."""

COARSE = 4
"""The search looks at every fourth sample's mean (6 kHz), then at each sample around the best: a tenth of the work."""

LONGER = 0.05
"""Preference for the longest of lags that are about equally good: fewer, longer repetitions."""

Sound = npt.NDArray[np.float32]


def _rise(samples: int) -> Sound:
    return ((np.arange(samples) + 0.5) / samples).astype(np.float32)


RISE = _rise(JOIN_SAMPLES)
_GAIN: Sound = np.zeros(CONCEALED_SAMPLES + JOIN_SAMPLES, np.float32)
_GAIN[:FULL_SAMPLES] = 1.0
_GAIN[FULL_SAMPLES:CONCEALED_SAMPLES] = _rise(CONCEALED_SAMPLES - FULL_SAMPLES)[::-1]


def repeated(past: Pcm, coming: Pcm) -> Pcm:
    """
    The sound to play between `past` and `coming` so that they last one pitch period longer.

    Args:
        past: At least LONGEST_LAG samples that were played.
        coming: At least LONGEST_LAG samples that will be played next, after what is returned.

    Returns:
        SHORTEST_LAG to LONGEST_LAG samples, or none where a repetition would be heard.

    """
    around = np.concatenate((past[-LONGEST_LAG:], coming[:LONGEST_LAG]))
    if _loudness(around) < QUIET:
        lag = LONGEST_LAG
    else:
        lag, likeness = best_lag(around, LONGEST_LAG)
        if likeness < ALIKE:
            return coming[:0]
    return cross_fade(coming[:lag], past[-lag:])


def extended(past: Pcm) -> Pcm:
    """
    How `past` could go on for 60 ms, ever softer: the last pitch period again and again.

    Args:
        past: PAST_SAMPLES samples that were played.

    Returns:
        CONCEALED_SAMPLES + JOIN_SAMPLES samples, the last JOIN_SAMPLES zero.

    """
    lag, _ = best_lag(past, len(past) - LIKENESS_WINDOW)
    heard = past.astype(np.float32)
    period = heard[-lag:].copy()
    period[-JOIN_SAMPLES:] += RISE * (heard[-lag - JOIN_SAMPLES : -lag] - heard[-JOIN_SAMPLES:])
    going_on: Sound = np.resize(period, len(_GAIN))
    going_on[:JOIN_SAMPLES] += RISE[::-1] * (heard[-1] - heard[-lag - 1])
    return _int16(going_on * _GAIN)


def best_lag(sound: Pcm, at: int) -> tuple[int, float]:
    """
    How far back `sound` is most like itself at `at`, and how alike it is: -1 to 1.

    Args:
        sound: At least LONGEST_LAG samples before `at` and LIKENESS_WINDOW from there on.
        at: A sample number.

    """
    before = sound[at - LONGEST_LAG : at - SHORTEST_LAG + LIKENESS_WINDOW].astype(np.float32)
    template = sound[at : at + LIKENESS_WINDOW].astype(np.float32)
    alike = _likeness(_coarse(before), _coarse(template))
    preferred = alike + LONGER * np.linspace(1, 0, len(alike))
    first = max(0, (int(np.argmax(preferred)) - 1) * COARSE)
    alike = _likeness(before[first : first + 2 * COARSE + LIKENESS_WINDOW], template)
    best = int(np.argmax(alike))
    return LONGEST_LAG - first - best, float(alike[best])


def cross_fade(leaving: Pcm, coming: Pcm) -> Pcm:
    """From one sound to another of the same length, in a straight line."""
    rise = _rise(len(coming))
    return _int16(leaving * (1 - rise) + coming * rise)


class Join:
    """A cross-fade of JOIN_SAMPLES out of `leaving`, however the coming sound is cut up; then it changes nothing."""

    def __init__(self, leaving: Pcm) -> None:
        self.left = JOIN_SAMPLES
        self._leaving = leaving * RISE[::-1]

    def mix(self, coming: Pcm) -> Pcm:
        """The next samples, at most `left` of them until none is left."""
        if self.left == 0:
            return coming
        done = JOIN_SAMPLES - self.left
        now = slice(done, done + len(coming))
        self.left -= len(coming)
        return _int16(self._leaving[now] + coming * RISE[now])


def fade_out(pcm: Pcm) -> Pcm:
    """The same sound, ending in silence."""
    return _int16(pcm * _rise(len(pcm))[::-1])


def _coarse(sound: Sound) -> Sound:
    return np.asarray(sound.reshape(-1, COARSE).mean(axis=1), dtype=np.float32)


def _likeness(sound: Sound, template: Sound) -> Sound:
    """Normalised correlation of each window of `sound` with the template."""
    windows = np.lib.stride_tricks.sliding_window_view(sound, len(template))
    energies = np.einsum("ij,ij->i", windows, windows)
    scale = np.sqrt(energies * float(template @ template)) + 1.0  # one: silence is not like anything
    return np.asarray((windows @ template) / scale, dtype=np.float32)


def _loudness(pcm: Pcm) -> float:
    return float(np.sqrt(np.mean(np.square(pcm, dtype=np.float32))))


def _int16(sound: Sound) -> Pcm:
    whole: Pcm = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    return whole
