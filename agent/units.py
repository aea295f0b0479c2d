"""Units, formats and the few value objects that every room shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

import numpy as np
import numpy.typing as npt

Seconds = NewType("Seconds", float)
"""A duration, or a moment on a monotonic clock. Never wall-clock time."""

Turn = NewType("Turn", int)
"""One press and the reply to it, numbered from 1 per start of the agent."""

Pcm = npt.NDArray[np.int16]
"""Samples, shape (n,), int16, mono, 24 kHz unless the name says otherwise."""

SAMPLE_RATE_HZ = 24_000
"""The only PCM rate of the Realtime protocol (reference: GA `audio/pcm`)."""

SAMPLES_PER_MS = SAMPLE_RATE_HZ // 1000
BYTES_PER_SAMPLE = 2

PERIOD_SAMPLES = 10 * SAMPLES_PER_MS
"""What a microphone or speaker moves at once: 10 ms."""

PERIOD = Seconds(PERIOD_SAMPLES / SAMPLE_RATE_HZ)

SILENCE: Pcm = np.zeros(PERIOD_SAMPLES, np.int16)
"""A period of it, and most periods of a day: who knows it need not look at its samples. Nobody can write into it."""
SILENCE.flags.writeable = False

FRAME_SAMPLES = 20 * SAMPLES_PER_MS
"""What capture hands to the uplink at once: 20 ms, 480 samples, 960 bytes."""


@dataclass(frozen=True, slots=True)
class Part:
    """The address of one stretch of reply audio on the wire."""

    response_id: str
    item_id: str
    content_index: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Reply audio as it arrived: `at` is the monotonic moment of the socket read."""

    turn: Turn
    part: Part
    pcm: Pcm
    at: Seconds


@dataclass(frozen=True, slots=True)
class EndOfReply:
    """Nothing more will come for this response; travels behind its last chunk."""

    turn: Turn
    response_id: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Up to 20 ms of captured speech of one turn (the last one may be shorter)."""

    turn: Turn
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class EndOfUtterance:
    """The gate is closed; travels behind the last frame of its turn."""

    turn: Turn


def milliseconds(samples: int) -> int:
    """Whole milliseconds in so many samples at 24 kHz, rounded down."""
    return samples // SAMPLES_PER_MS
