"""
What the far end says, made into facts for the session, audio for the speaker and events to send back.

The door where late audio of dead responses is turned away. One `Downlink` per session.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from agent.link.gravity import Gravity, gravity
from agent.link.messages import (
    AudioDelta,
    ClientEvent,
    Commit,
    Committed,
    CreateResponse,
    Malformed,
    ResponseCreated,
    ResponseDone,
    ServerError,
    ServerEvent,
    StudentTranscribed,
    TranscriptDelta,
    Unknown,
    VoiceStarted,
    VoiceStopped,
)
from agent.link.turns import Turns
from agent.session.events import Event, ReplyArrived, ReplyEnded, ReplyFailed, ReplyLimited, UtteranceRefused
from agent.session.memory import Memory
from agent.units import BYTES_PER_SAMPLE, Chunk, EndOfReply, Part, Seconds, Turn


@dataclass(slots=True)
class Arrival:
    """What follows from one server event, for whom it concerns."""

    facts: list[Event] = field(default_factory=list)
    audio: list[Chunk | EndOfReply] = field(default_factory=list)
    answers: list[ClientEvent] = field(default_factory=list)
    voices: list[VoiceStarted | VoiceStopped] = field(default_factory=list)
    first_of_kind: list[str] = field(default_factory=list)
    """Kinds of trouble met for the first time in this session: worth a line in the journal."""


KINDS_COUNTED = 64
"""A far end that invents event types can not fill our memory; further kinds count as one."""

PARTS_TAKEN = 32
"""Parts taken of one response. Real ones have one to three; the rooms behind this door keep something for each."""


class Downlink:
    """
    Told server events; answers with what follows.

    Args:
        turns: Of this session.
        memory: Of what was heard, kept over sessions.

    """

    def __init__(self, turns: Turns, memory: Memory) -> None:
        self.counts: Counter[str] = Counter()
        """How often each kind of trouble was met: late audio, unknown and malformed events, error codes."""
        self.last_code = ""
        """The last error code that tells why a session is about to end."""
        self._commit: Commit | None = None
        self._committing: Turn | None = None
        self._turns = turns
        self._memory = memory
        self._odd: dict[Part, bytes] = {}
        """Of each part of the last living response, the byte of a sample whose other half has not come."""

    def committing(self, turn: Turn | None, commit: Commit) -> None:
        """Learn that a turn is about to be committed, with this event."""
        self._committing, self._commit = turn, commit

    def arrived(self, event: ServerEvent, at: Seconds, cause: ClientEvent | None = None) -> Arrival:
        """
        Take one event.

        Args:
            event: As decoded.
            at: The monotonic moment of the socket read.
            cause: For a `ServerError`, the event of ours that it is about, if known.

        """
        follows = Arrival()
        match event:
            case AudioDelta():
                self._audio(event, at, follows)
            case TranscriptDelta():
                self._words(event, follows)
            case ResponseCreated(response_id):
                self.last_code = ""  # the far end works after all
                follows.answers += self._turns.created(response_id)
            case ResponseDone():
                self._done(event, follows)
            case Committed(item_id) if self._committing is not None:
                self._memory.committed(self._committing, item_id)
            case StudentTranscribed(item_id, text):
                self._memory.transcribed(item_id, text)
            case ServerError():
                self._error(event, cause, follows)
            case VoiceStarted() | VoiceStopped():
                follows.voices.append(event)
            case Unknown() | Malformed():
                self._count(f"{type(event).__name__.lower()} {event.type}", follows)
            case _:
                pass
        return follows

    def closed(self) -> Arrival:
        """The session is over: what has arrived of a running reply is all there will be."""
        follows = Arrival()
        running = self._turns.running()
        if running and self._turns.has_audio(running[0]):
            response_id, turn = running
            follows.audio.append(EndOfReply(turn, response_id))
            follows.facts.append(ReplyEnded(turn))
        return follows

    def _audio(self, delta: AudioDelta, at: Seconds, follows: Arrival) -> None:
        turn = self._taken(delta.part, "late audio", follows)
        if turn is None:
            return
        data = self._odd[delta.part] + delta.data
        whole = len(data) - len(data) % BYTES_PER_SAMPLE
        self._odd[delta.part] = data[whole:]
        if not whole:
            return
        pcm = np.frombuffer(data[:whole], dtype="<i2").astype(np.int16, copy=False)
        self._turns.received(delta.part, len(pcm))
        self._memory.sounded(turn, delta.part, len(pcm))
        follows.audio.append(Chunk(turn, delta.part, pcm, at))
        follows.facts.append(ReplyArrived(turn))

    def _words(self, delta: TranscriptDelta, follows: Arrival) -> None:
        turn = self._taken(delta.part, "late words", follows)
        if turn is not None:
            self._memory.words(turn, delta.part, delta.text)

    def _taken(self, part: Part, late: str, follows: Arrival) -> Turn | None:
        """The turn that this part answers; None, and counted, if nobody wants it."""
        turn = self._turns.turn_of(part.response_id)
        if turn is None:
            self._count(late, follows)
            return None
        if part not in self._odd:
            self._odd = {known: odd for known, odd in self._odd.items() if known.response_id == part.response_id}
            if len(self._odd) >= PARTS_TAKEN:
                self._count("too many parts", follows)
                return None
            self._odd[part] = b""
        return turn

    def _done(self, done: ResponseDone, follows: Arrival) -> None:
        turn = self._turns.turn_of(done.response_id)
        follows.answers += self._turns.done(done.response_id)
        if turn is None:
            return
        if self._turns.has_audio(done.response_id):
            follows.audio.append(EndOfReply(turn, done.response_id))
            follows.facts.append(ReplyEnded(turn))
            return
        self._count(f"no reply: {done.status.value} {done.code}", follows)
        limited = gravity(done.code) is Gravity.LIMITED
        follows.facts.append(ReplyLimited(turn) if limited else ReplyFailed(turn))

    def _error(self, error: ServerError, cause: ClientEvent | None, follows: Arrival) -> None:
        self._count(f"error {error.code or error.kind}", follows)
        weight = gravity(error.code, error.param)
        if weight in (Gravity.FATAL, Gravity.LIMITED, Gravity.SESSION):
            self.last_code = error.code
        if isinstance(cause, Commit):
            self._commit_refused(cause, follows)
        elif isinstance(cause, CreateResponse):
            self._request_refused(error, weight, follows)

    def _commit_refused(self, commit: Commit, follows: Arrival) -> None:
        """One that another has followed concerns nobody: its turn was over when the next was opened."""
        if self._committing is None or commit is not self._commit:
            return
        follows.answers += self._turns.cancel()  # the request that followed the commit would answer nothing
        follows.facts.append(UtteranceRefused(self._committing))

    def _request_refused(self, error: ServerError, weight: Gravity, follows: Arrival) -> None:
        if error.code == "conversation_already_has_active_response":
            self._turns.occupied()
            return
        turn, answers = self._turns.refused()
        follows.answers += answers
        if turn is not None:
            follows.facts.append(ReplyLimited(turn) if weight is Gravity.LIMITED else ReplyFailed(turn))

    def _count(self, kind: str, follows: Arrival) -> None:
        kind = kind[:80] if kind[:80] in self.counts or len(self.counts) < KINDS_COUNTED else "other"
        self.counts[kind] += 1
        if self.counts[kind] == 1:
            follows.first_of_kind.append(kind)
