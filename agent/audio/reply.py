"""One response on its way through the jitter buffer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from agent.units import SAMPLES_PER_MS, Part, Pcm, Turn

UNCHANGED_PER_REPEATED = 4
"""For a repeated period, so many times its length plays unchanged: 20 % slower where that is possible, that is in 57 to
73 % of recorded speech."""

OWED_SAMPLES = 60 * SAMPLES_PER_MS
"""A consonant can not be repeated; so much of it is made up for in the vowel that follows: one period more (2 % of the
bench's cost)."""


@dataclass(slots=True)
class Reply:
    """
    The sound of a response that waits, and how its playout is going.

    `playing` is the part that sounds, None before the first sample; `dry` counts the samples since it ran out;
    `wanted` is the depth it waits for after an audible stall; `unchanged` is how much is to be played before a
    pitch period may be repeated again, and `repeating` the rest of the one that is being repeated.
    """

    turn: Turn
    response_id: str
    ended: bool = False
    refused: bool = False
    depth: int = 0
    played: int = 0
    playing: Part | None = None
    flowing: bool = False
    dry: int = 0
    wanted: int = 0
    unchanged: int = 0
    repeating: Pcm = field(default_factory=lambda: np.zeros(0, np.int16))
    _chunks: deque[tuple[Part, Pcm]] = field(default_factory=deque)

    def push(self, part: Part, pcm: Pcm) -> None:
        """Let more sound wait."""
        self._chunks.append((part, pcm))
        self.depth += len(pcm)

    def repeat(self, period: Pcm) -> None:
        """Put in a repeated pitch period; never two without as much of the reply in between."""
        self.repeating = period
        owed = min(OWED_SAMPLES, -self.unchanged)
        self.unchanged = max(len(period), UNCHANGED_PER_REPEATED * len(period) - owed)

    def take(self, most: int) -> tuple[Part, Pcm]:
        """What comes next: at least one sample, all of one part. Only while something waits."""
        part, pcm = self._chunks.popleft()
        if len(pcm) > most:
            self._chunks.appendleft((part, pcm[most:]))
        taken = pcm[:most]
        self.playing = part
        self.depth -= len(taken)
        self.played += len(taken)
        self.unchanged -= len(taken)
        return part, taken

    def peek(self, samples: int) -> Pcm:
        """The next so many samples, which stay. Only while so many wait."""
        chunks, found = iter(self._chunks), []
        while samples:
            found.append(next(chunks)[1][:samples])
            samples -= len(found[-1])
        return np.concatenate(found)
