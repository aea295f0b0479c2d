"""Microphone to frames: what the gate lets through, then the end of the utterance in the same stream."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from agent.audio.level import Meter
from agent.devices.ports import Microphone
from agent.units import FRAME_SAMPLES, EndOfUtterance, Frame, Pcm, Turn


class Capture:
    """
    Reads the microphone for ever and throws the samples away unless the gate is open.

    The stream stays open between turns: starting one takes an ALSA card long enough to lose a first syllable.

    Threads: the event loop calls `open` and `close`; everything else runs on the capture thread. Between them
    is one attribute, the turn whose gate is open. `deliver` is called on the capture thread and must not block.

    Args:
        microphone: Read on the capture thread only.
        deliver: Takes frames, and behind the last of an utterance its end.
        meter: Of the microphone; heard only while the gate is open.

    """

    def __init__(
        self, microphone: Microphone, deliver: Callable[[Frame | EndOfUtterance], None], meter: Meter
    ) -> None:
        self._microphone, self._deliver, self._meter = microphone, deliver, meter
        self._gate: Turn | None = None
        self._speaking: Turn | None = None
        self._kept: list[Pcm] = []
        self.periods = 0
        """Periods read since the start; the loop looks whether it grows."""

    def open(self, turn: Turn) -> None:
        """Let what is captured from now on through."""
        self._gate = turn

    def close(self) -> None:
        """Let nothing through any more; the rest of the last frame and the end of the utterance follow."""
        self._gate = None

    def step(self) -> None:
        """Read one period and pass it on, or throw it away. Blocks for a period."""
        pcm = self._microphone.read()
        self.periods += 1
        gate = self._gate
        if self._speaking is not None:
            self._take(pcm)
        if gate != self._speaking:
            self._finish()
            # The period just read began before the press: it is nobody's business.
            self._speaking = gate

    def _take(self, pcm: Pcm) -> None:
        self._meter.hear(pcm)
        self._kept.append(pcm)
        if sum(len(period) for period in self._kept) >= FRAME_SAMPLES:
            self._flush()

    def _finish(self) -> None:
        if self._speaking is not None:
            self._flush()
            self._deliver(EndOfUtterance(self._speaking))

    def _flush(self) -> None:
        if self._kept and self._speaking is not None:
            self._deliver(Frame(self._speaking, np.concatenate(self._kept)))
            self._kept = []
