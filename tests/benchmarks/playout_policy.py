"""
The real jitter buffer as a policy of the playout bench, which knows numbers of samples only.

What is pushed is a made-up voice, so that stretching meets what it meets in speech: vowels, of which a pitch period
can be repeated, consonants, of which none can, and the bench's own pauses, which are quiet. 60 % of the places outside
pauses can be repeated, as in recorded speech (55 to 72 %).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agent.audio.jitter_buffer import JitterBuffer
from agent.units import SAMPLE_RATE_HZ, Chunk, EndOfReply, Part, Pcm, Seconds, Turn

Quiet = Sequence[tuple[int, int]]


class Seg(NamedTuple):
    """What the bench reads: response, content samples consumed, samples of the block filled."""

    rid: int
    consumed: int
    voiced: int


def made_up_voice(seconds: int = 60) -> Pcm:
    """Vowels of 60 to 250 ms with a moving pitch of 160 to 300 Hz, consonants of 40 to 120 ms of noise."""
    rng = np.random.default_rng(1)
    sounds, samples = [], 0
    while samples < seconds * SAMPLE_RATE_HZ:
        t = np.arange(int(rng.uniform(0.06, 0.25) * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        pitch, glide = rng.uniform(160, 300), rng.uniform(-0.6, 0.6)
        phase = 2 * np.pi * pitch * (t + glide * t * t)
        vowel = sum(np.sin(k * phase + rng.uniform(0, 6)) / k for k in range(1, 9))
        noise = rng.normal(0, 0.4, int(rng.uniform(0.04, 0.12) * SAMPLE_RATE_HZ))
        sounds += [5000 * vowel, 5000 * noise]
        samples += len(vowel) + len(noise)
    return np.clip(np.concatenate(sounds), -32768, 32767).astype(np.int16)


VOICE = made_up_voice()


class ReadingCorner:
    """What `run` and `simulate` play through; late chunks of a cancelled response are the downlink's to drop."""

    drops_hw = True

    def __init__(self) -> None:
        self._buffer = JitterBuffer()
        self._cancelled: set[int] = set()
        self._received = 0

    def push(self, t: float, n: int, rid: int = 0, quiet: Quiet = ()) -> None:
        """Let n samples of a response arrive."""
        if rid in self._cancelled:
            return
        pcm = VOICE.take(np.arange(self._received, self._received + n), mode="wrap")
        self._received += n
        for start, length in quiet:
            pcm[start : start + length] //= 200
        self._buffer.push(Chunk(Turn(rid + 1), _part(rid), pcm, Seconds(t)))

    def end(self, t: float, rid: int = 0) -> None:
        """Let the end of a response arrive."""
        if rid not in self._cancelled:
            self._buffer.end(EndOfReply(Turn(rid + 1), _part(rid).response_id))

    def pull(self, t: float, n: int) -> list[Seg]:
        """Play a block; the bench's card has no queue of its own."""
        block = self._buffer.pull(n, Seconds(t), 0)
        return [Seg(s.turn - 1, s.length if s.is_content else 0, s.length) for s in block.spans]

    def interrupt(self, t: float, rid: int = 0) -> None:
        """Barge in."""
        self._cancelled.add(rid)
        self._buffer.clear()


def _part(rid: int) -> Part:
    return Part(f"resp_{rid}", f"item_{rid}", 0)
