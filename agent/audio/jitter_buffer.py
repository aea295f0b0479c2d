"""
The jitter buffer: replies arrive in bursts, a period at a time goes out.

It starts with the first chunk, plays a little slower while the cushion is thin, bridges short gaps, and after an
audible stall waits for a cushion that grows with every further stall of the reply.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from agent.audio.block import Block, Draft, nothing
from agent.audio.concealment import (
    CONCEALED_SAMPLES,
    JOIN_SAMPLES,
    LONGEST_LAG,
    PAST_SAMPLES,
    Join,
    extended,
    fade_out,
    repeated,
)
from agent.audio.lateness import Lateness
from agent.audio.reply import Reply
from agent.units import SAMPLE_RATE_HZ, SAMPLES_PER_MS, Chunk, EndOfReply, Pcm, Seconds

START_SAMPLES = 20 * SAMPLES_PER_MS
"""A reply starts with so much of it: two periods, so that it does not stop again at once. Waiting for more costs more
than it saves once gaps are concealed (reference: playout, section 0)."""

CAP_SAMPLES = 300 * SAMPLE_RATE_HZ
"""So much may wait to be played: 14.4 MB, longer than any reply. Beyond it the rest of a reply is refused: it loses
its tail rather than a word in the middle."""

ENOUGH_SAMPLES = 500 * SAMPLES_PER_MS
"""With this much at hand nothing is stretched: a fast source is there with its second chunk."""

THIN_SAMPLES = 100 * SAMPLES_PER_MS
"""With less at hand than a frame of a paced source, sound is stretched however late it is played already: on a
link that has become slower, the earliest chunk tells nothing any more (2 % of the bench's cost)."""

WANTED_FIRST = 100 * SAMPLES_PER_MS
WANTED_GROWTH = 1.8
WANTED_MOST = SAMPLE_RATE_HZ
"""Depth to wait for after a reply's second audible stall (the first one resumes at once), its growth with each
further one, its limit of 1 s. First 60 to 150 ms, growth 1.3 to 2.5: within 2 % (reference: playout, 3.4)."""

SILENCE: Pcm = np.zeros(JOIN_SAMPLES, np.int16)
NOTHING: Pcm = np.zeros(PAST_SAMPLES, np.int16)


class JitterBuffer:
    """
    Hold replies until they are played, in order; make up for what comes late.

    No clock: arrivals bring their moment, `pull` is told. Learning outlives replies and interruptions. The counters
    only grow. Threads: all of it belongs to one; the counters may be read by any.
    """

    def __init__(self) -> None:
        self.stalls = self.stalled_samples = self.concealed_samples = 0
        self.stretched_samples = self.refused_samples = 0
        self._lateness = Lateness()
        self._replies: deque[Reply] = deque()
        self.clear()

    @property
    def depth(self) -> int:
        """Samples that wait to be played."""
        return sum(reply.depth for reply in self._replies)

    @property
    def usual_lateness(self) -> Seconds:
        """What has been learnt: most chunks are not later than this."""
        return self._lateness.usual

    def push(self, chunk: Chunk) -> None:
        """Take the next chunk of a reply; an empty one means nothing."""
        if len(chunk.pcm) == 0:
            return
        if not self._replies or self._replies[-1].response_id != chunk.part.response_id:
            self._replies.append(Reply(chunk.turn, chunk.part.response_id))
            self._lateness.begin(chunk.at)
        reply = self._replies[-1]
        reply.refused |= self.depth + len(chunk.pcm) > CAP_SAMPLES
        if reply.refused:
            self.refused_samples += len(chunk.pcm)
            return
        self._lateness.arrived(chunk.at, len(chunk.pcm))
        reply.push(chunk.part, chunk.pcm)

    def end(self, end: EndOfReply) -> None:
        """Nothing more will come for this response; if nothing came at all, it is over with the next block."""
        known = [reply for reply in self._replies if reply.response_id == end.response_id]
        for reply in known:
            reply.ended = True
        if not known:
            self._replies.append(Reply(end.turn, end.response_id, ended=True))

    def clear(self) -> None:
        """Forget all sound, as after a barge-in; what was learnt stays."""
        self._replies.clear()
        self._past = NOTHING
        self._tail = self._bridge = SILENCE[:0]
        self._join = Join(SILENCE)

    def pull(self, samples: int, at: Seconds, card_queued: int) -> Block:
        """
        Make the next block.

        Args:
            samples: Its exact length.
            at: Now, on the clock of the arrivals.
            card_queued: Samples the card still has to play: part of the cushion.

        """
        if not self._replies and not len(self._tail):
            # Most blocks of a day: made of nothing, for half of what an idle playout thread costs.
            self._past = NOTHING
            return nothing(samples)
        draft = Draft(self._past, samples)
        while draft.left and self._go_on(draft, at, card_queued):
            pass
        self._past = draft.tape()
        return draft.block()

    def _go_on(self, draft: Draft, at: Seconds, card_queued: int) -> bool:
        """Add the next stretch of sound; False if there is only silence to add."""
        if len(self._tail):
            self._add_tail(draft)
            return True
        if not self._replies:
            return False
        reply = self._replies[0]
        if reply.depth == 0:
            reply.flowing = False
            if self._is_whole(reply):
                self._finish(draft, reply)
                return True
        elif reply.flowing or self._may_flow(reply):
            self._flow(draft, reply, at, card_queued)
            return True
        return self._conceal(draft, reply)

    def _is_whole(self, reply: Reply) -> bool:
        """Responses come one after the other: once the next one is here, this one is over, ended or not."""
        return reply.ended or reply is not self._replies[-1]

    def _may_flow(self, reply: Reply) -> bool:
        if self._is_whole(reply) or (reply.playing and reply.dry <= CONCEALED_SAMPLES):
            return True
        return reply.depth >= (reply.wanted if reply.playing else START_SAMPLES)

    def _flow(self, draft: Draft, reply: Reply, at: Seconds, card_queued: int) -> None:
        if not reply.flowing:
            self._resume(draft, reply)
        if self._may_repeat(reply, at, card_queued):
            self._repeat(draft, reply)
        if reply.playing and len(reply.repeating):
            pcm, reply.repeating = reply.repeating[: draft.left], reply.repeating[draft.left :]
            draft.add_span(pcm, reply.turn, reply.playing, is_content=False)
            return
        part, pcm = reply.take(min(draft.left, self._join.left or draft.left))
        draft.add_span(self._join.mix(pcm), reply.turn, part, is_content=True)

    def _resume(self, draft: Draft, reply: Reply) -> None:
        """Start to flow: from silence, or out of a bridge that still sounds."""
        if reply.playing is None:
            draft.begin(reply.turn)
        if reply.dry > CONCEALED_SAMPLES:
            self.stalls += 1
            self.stalled_samples += reply.dry - CONCEALED_SAMPLES
            reply.wanted = min(WANTED_MOST, max(WANTED_FIRST, round(reply.wanted * WANTED_GROWTH)))
        in_bridge = 0 < reply.dry <= CONCEALED_SAMPLES
        self._join = Join(self._bridge[reply.dry : reply.dry + JOIN_SAMPLES] if in_bridge else SILENCE)
        reply.flowing, reply.dry = True, 0

    def _may_repeat(self, reply: Reply, at: Seconds, card_queued: int) -> bool:
        if self._join.left or reply.unchanged > 0 or reply.depth < LONGEST_LAG or self._is_whole(reply):
            return False
        cushion = reply.depth + card_queued
        late = self._lateness.margin(at, reply.played) < self._lateness.usual
        return cushion < THIN_SAMPLES or (late and cushion < ENOUGH_SAMPLES)

    def _repeat(self, draft: Draft, reply: Reply) -> None:
        period = repeated(draft.past(), reply.peek(LONGEST_LAG))
        if len(period):
            reply.repeat(period)
            self.stretched_samples += len(period)

    def _conceal(self, draft: Draft, reply: Reply) -> bool:
        """Bridge a gap; False when the reply has not begun or the bridge is at its end."""
        if reply.playing is None:
            return False
        if reply.dry == 0:
            self._bridge = extended(draft.past())
        pcm = self._bridge[reply.dry : CONCEALED_SAMPLES][: draft.left]
        reply.dry += len(pcm) or draft.left
        if len(pcm):
            self.concealed_samples += len(pcm)
            draft.add_span(pcm, reply.turn, reply.playing, is_content=False)
        return len(pcm) > 0

    def _finish(self, draft: Draft, reply: Reply) -> None:
        """Let the last sound die away; nothing of the content is faded for it."""
        self._replies.popleft()
        draft.finish(EndOfReply(reply.turn, reply.response_id))
        if reply.playing:
            bridge = self._bridge if reply.dry else extended(draft.past())
            self._tail = fade_out(bridge[:CONCEALED_SAMPLES][reply.dry : reply.dry + JOIN_SAMPLES])

    def _add_tail(self, draft: Draft) -> None:
        pcm, self._tail = self._tail[: draft.left], self._tail[draft.left :]
        draft.add(pcm)
