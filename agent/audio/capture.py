"""Microphone to frames: what the gate lets through, then the end of the utterance in the same stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from agent.audio.level import Meter
from agent.devices.ports import Microphone
from agent.units import FRAME_SAMPLES, PERIOD_SAMPLES, SAMPLE_RATE_HZ, EndOfUtterance, Frame, Pcm, Seconds, Turn


@dataclass(frozen=True, slots=True)
class _Gate:
    turn: Turn
    is_open: bool
    moved_at: Seconds


class Capture:
    """
    Reads the microphone for ever and throws the samples away unless the gate is open.

    The stream stays open between turns: starting one takes an ALSA card long enough to lose a first syllable.

    Threads: the event loop calls `open` and `close`; everything else runs on the capture thread. Between them
    is one attribute, the gate, replaced whole. `deliver` is called on the capture thread and must not block.

    Args:
        microphone: Read on the capture thread only.
        deliver: Takes frames, and behind the last of an utterance its end.
        meter: Of the microphone; heard only while the gate is open.
        clock: Monotonic.

    """

    def __init__(
        self,
        microphone: Microphone,
        deliver: Callable[[Frame | EndOfUtterance], None],
        meter: Meter,
        clock: Callable[[], Seconds],
    ) -> None:
        self._microphone, self._deliver, self._meter, self._clock = microphone, deliver, meter, clock
        self._gate = self._seen = _Gate(Turn(0), is_open=False, moved_at=clock())
        self._kept: list[Pcm] = []
        self.periods = 0
        """Read since the start, for whoever measures."""

    def open(self, turn: Turn) -> None:
        """Let what is captured from now on through."""
        self._gate = _Gate(turn, is_open=True, moved_at=self._clock())

    def close(self) -> None:
        """Let nothing through any more; the rest of the last frame and the end of the utterance follow."""
        self._gate = _Gate(self._gate.turn, is_open=False, moved_at=self._clock())

    def step(self) -> None:
        """Read one period and pass it on, or throw it away. Blocks for a period, or a while if the microphone hangs."""
        pcm = self._microphone.read()
        self.periods += len(pcm) > 0
        gate, seen = self._gate, self._seen
        # The period just read began before a gate that was opened meanwhile: it is nobody's business.
        self._seen = gate
        if seen.is_open:
            self._take(seen.turn, pcm)
            if gate is not seen:
                for before_the_release in self._waiting(until=gate.moved_at):
                    self._take(seen.turn, before_the_release)
                self._finish(seen.turn)
        elif gate.is_open:
            for _before_the_press in self._waiting(until=self._clock()):
                pass
        if gate.turn != seen.turn and not gate.is_open:
            self._deliver(EndOfUtterance(gate.turn))  # opened and closed within a period: an end is waited for

    def _waiting(self, until: Seconds) -> Iterator[Pcm]:
        """Read what was captured by then but not yet read: this thread may be late, the card is not."""
        since = round((self._clock() - until) * SAMPLE_RATE_HZ)
        for _ in range(max(0, self._microphone.waiting() - since) // PERIOD_SAMPLES):
            yield self._microphone.read()

    def _take(self, turn: Turn, pcm: Pcm) -> None:
        if not len(pcm):
            return  # a microphone that hangs; a release must get through all the same
        self._meter.hear(pcm)
        self._kept.append(pcm)
        if sum(len(period) for period in self._kept) >= FRAME_SAMPLES:
            self._flush(turn)

    def _finish(self, turn: Turn) -> None:
        if self._kept:
            self._flush(turn)
        self._deliver(EndOfUtterance(turn))

    def _flush(self, turn: Turn) -> None:
        self._deliver(Frame(turn, np.concatenate(self._kept)))
        self._kept = []
