"""A block of sound for the speaker, and whose sound it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from agent.audio.concealment import PAST_SAMPLES
from agent.units import EndOfReply, Part, Pcm, Turn


@dataclass(frozen=True, slots=True)
class Span:
    """Samples of a block, from `start` on, that are content of a reply, or bridge a gap or a thin cushion of it."""

    start: int
    length: int
    turn: Turn
    part: Part
    is_content: bool


@dataclass(frozen=True, slots=True)
class Block:
    """
    Sound for the speaker; what no span covers is silence or the dying away of a reply.

    `begun` are the turns whose reply sounds for the first time, `over` the responses whose last sample is in here. One
    that `is_nothing` has no sample but 0, and nothing waited when it was made.
    """

    pcm: Pcm
    spans: tuple[Span, ...]
    begun: tuple[Turn, ...]
    over: tuple[EndOfReply, ...]
    is_nothing: bool = False


@cache
def nothing(samples: int) -> Block:
    """Silence while nothing waits; each time the same block, whose samples can not be written to."""
    pcm = np.zeros(samples, np.int16)
    pcm.flags.writeable = False
    return Block(pcm, (), (), (), is_nothing=True)


class Draft:
    """A block in the making, behind PAST_SAMPLES of the sound before it. `left` samples are still silent."""

    def __init__(self, past: Pcm, samples: int) -> None:
        self.left = samples
        self._tape = np.concatenate((past, np.zeros(samples, np.int16)))
        self._spans: list[Span] = []
        self._begun: list[Turn] = []
        self._over: list[EndOfReply] = []

    def past(self) -> Pcm:
        """The last PAST_SAMPLES so far."""
        done = len(self._tape) - self.left
        return self._tape[done - PAST_SAMPLES : done]

    def add(self, pcm: Pcm) -> None:
        """Go on with sound of nobody; at most `left` samples."""
        done = len(self._tape) - self.left
        self._tape[done : done + len(pcm)] = pcm
        self.left -= len(pcm)

    def add_span(self, pcm: Pcm, turn: Turn, part: Part, *, is_content: bool) -> None:
        """Go on with sound of a reply; at most `left` samples."""
        start = len(self._tape) - self.left - PAST_SAMPLES
        self._spans.append(Span(start, len(pcm), turn, part, is_content))
        self.add(pcm)

    def begin(self, turn: Turn) -> None:
        """The reply to this turn sounds from here on."""
        self._begun.append(turn)

    def finish(self, end: EndOfReply) -> None:
        """The last sample of this response is in."""
        self._over.append(end)

    def block(self) -> Block:
        """The block as it is, the rest silence."""
        return Block(self._tape[PAST_SAMPLES:], tuple(self._spans), tuple(self._begun), tuple(self._over))

    def tape(self) -> Pcm:
        """A copy of the last PAST_SAMPLES of the finished block: the past of the next one."""
        return self._tape[-PAST_SAMPLES:].copy()
