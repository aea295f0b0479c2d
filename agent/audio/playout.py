"""The playout room: from the jitter buffer through the limiter to the speaker, for ever."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np

from agent.audio.block import Block
from agent.audio.concealment import JOIN_SAMPLES, fade_out
from agent.audio.heard import Heard
from agent.audio.jitter_buffer import JitterBuffer
from agent.audio.level import Meter
from agent.audio.limiter import Limiter
from agent.devices.ports import Speaker, Wake
from agent.session.events import ReplyAudible, ReplyDrained
from agent.units import PERIOD_SAMPLES, SILENCE, Chunk, EndOfReply, Part, Pcm, Seconds, Turn

PROMPT = Turn(0)
"""The turn of what the device says by itself: turns of students are numbered from 1."""


@dataclass(frozen=True, slots=True)
class Silenced:
    """
    The speaker was made silent at `at`.

    `heard` are the samples heard, at 24 kHz, rounded down, of every part of a reply that had come in and not drained.
    """

    heard: Mapping[Part, int]
    at: Seconds


@dataclass(frozen=True, slots=True)
class _BeSilent:
    """The order of a barge-in."""


Told = ReplyAudible | ReplyDrained | Silenced


class Playout:
    """
    Move sound from the jitter buffer to the speaker, and silence when there is none: the speaker stays warm.

    Threads: `play`, `end`, `say` and `silence` are for the event loop; `step`, the buffer, the limiter and the speaker
    belong to the playout thread. Between them are one deque and the wake flag. Nothing on the playout thread takes a
    lock or writes a log line: it counts `underruns`, keeps the buffer's `depth` (samples) as of the last period, and
    `tell` has to be safe to call from there.

    Args:
        speaker: Where periods go.
        wake: Ends the speaker's wait early.
        buffer: Where replies wait.
        limiter: Applied to everything.
        meter: Told everything that is written.
        tell: Takes each fact.
        clock: The monotonic clock of the chunks' arrivals.

    """

    def __init__(
        self,
        speaker: Speaker,
        wake: Wake,
        buffer: JitterBuffer,
        limiter: Limiter,
        meter: Meter,
        tell: Callable[[Told], None],
        clock: Callable[[], Seconds],
    ) -> None:
        self.underruns = self.depth = 0
        self._speaker, self._wake, self._buffer = speaker, wake, buffer
        self._limiter, self._meter = limiter, meter
        self._tell, self._clock = tell, clock
        self._orders: deque[Chunk | EndOfReply | _BeSilent] = deque()
        self._prompts = count(1)
        self._heard = Heard()
        self._written = 0
        self._unheard: deque[Pcm] = deque()

    def play(self, chunk: Chunk) -> None:
        """Let a chunk of a reply wait its turn; whoever barges in keeps back what comes of the reply afterwards."""
        self._orders.append(chunk)

    def end(self, end: EndOfReply) -> None:
        """Nothing more will come for this response; its end is told when it was heard, even if it had no sound."""
        self._orders.append(end)

    def say(self, pcm: Pcm) -> None:
        """Say something of the device's own, behind what waits already; no facts are told of it."""
        name = f"prompt {next(self._prompts)}"
        self._orders.append(Chunk(PROMPT, Part(name, name, 0), pcm, self._clock()))
        self._orders.append(EndOfReply(PROMPT, name))

    def silence(self) -> None:
        """Make the speaker silent at once; `Silenced` will be told."""
        self._orders.append(_BeSilent())
        self._wake.set()

    def step(self) -> None:
        """
        Wait for room or for a barge-in; carry out the orders; write one period.

        Raises:
            DeviceMissing: If the speaker was unplugged.

        """
        has_room = self._speaker.wait(self._wake)
        self._wake.clear()  # before the orders are read: one that comes now ends the next wait
        if not self._obey() and has_room:
            self._write_period()

    def _obey(self) -> bool:
        """Carry out the orders; tell whether the speaker was written to."""
        faded = False
        while self._orders:
            order = self._orders.popleft()
            if isinstance(order, Chunk):
                self._buffer.push(order)
                if order.turn != PROMPT:
                    self._heard.expect(order.part)
            elif isinstance(order, EndOfReply):
                self._buffer.end(order)
            else:
                faded |= self._fall_silent()
        return faded

    def _fall_silent(self) -> bool:
        """Throw away what is queued but for a fade; tell whether there was anything to fade."""
        queued = self._speaker.queued()
        self._buffer.clear()
        heard = self._heard.freeze(self._written - queued)
        unheard = self._pending(queued)
        sounding = bool(unheard.any())  # silence can go on as it is; dropping it would only cost a restart
        if sounding:
            self._speaker.drop()
            self._written -= queued
            self._unheard.clear()
            period = np.zeros(PERIOD_SAMPLES, np.int16)
            period[: len(unheard[:JOIN_SAMPLES])] = fade_out(unheard[:JOIN_SAMPLES])
            self._write(period, queued=0)
        self._tell(Silenced(heard, self._clock()))
        return sounding

    def _pending(self, queued: int) -> Pcm:
        written = np.concatenate((*self._unheard, np.zeros(0, np.int16)))
        return written[max(0, len(written) - queued) :]

    def _write_period(self) -> None:
        queued = self._speaker.queued()
        block = self._buffer.pull(PERIOD_SAMPLES, self._clock(), queued)
        self.depth = self._buffer.depth
        position = self._written
        if block.is_nothing and self._limiter.is_at_rest and not self._meter.level:
            self._put(SILENCE, queued)  # most of a day: not looking at each spares a third of what they cost
        else:
            self._write(self._limiter.process(block.pcm), queued)
            self._sounds(block, position)
        for end in self._heard.drained(position - queued):
            self._tell(ReplyDrained(end.turn))

    def _sounds(self, block: Block, position: int) -> None:
        """Know from where on it is heard, and tell whose reply begins."""
        spans = [span for span in block.spans if span.turn != PROMPT]
        over = [end for end in block.over if end.turn != PROMPT]
        self._heard.wrote(position, spans, over, PERIOD_SAMPLES)
        for turn in block.begun:
            if turn != PROMPT:
                self._tell(ReplyAudible(turn))

    def _write(self, period: Pcm, queued: int) -> None:
        self._meter.hear(period)
        self._put(period, queued)

    def _put(self, period: Pcm, queued: int) -> None:
        self.underruns += self._speaker.write(period)
        self._written += len(period)
        self._unheard.append(period)
        while (len(self._unheard) - 1) * PERIOD_SAMPLES >= queued + PERIOD_SAMPLES:
            self._unheard.popleft()
