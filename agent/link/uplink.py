"""
The student's speech on its way out: kept whole until it is answered, sent again on a new session.

The connection pulls: `take()` gives the next event when the socket is ready, so nothing is ever queued behind a
stalled network but here, where it is bounded and can still be dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from agent.link.messages import Append, Clear, Commit
from agent.session.events import StoreFull, Tapped, UtteranceLost
from agent.units import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, EndOfUtterance, Frame, Seconds, Turn


def _bytes_in(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE_HZ) * BYTES_PER_SAMPLE


MESSAGE_BYTES: Final = _bytes_in(0.040)
"""Speech goes out as it comes, in messages of 40 ms: 45 ms from sample to socket at the 95th percentile."""

CATCH_UP_BYTES: Final = _bytes_in(0.200)
"""After a reconnect what is kept goes out in bigger messages: a fifth of the envelopes."""

TURN_BYTES: Final = _bytes_in(0.150)
"""Less is a tap. The service refuses commits under 100 ms; the margin is for its own trimming."""

STORE_BYTES: Final = _bytes_in(120.0)
"""The most that is kept of one utterance, however often it was continued and whatever the link does: 5.8 MB."""

SESSIONS_AT_MOST: Final = 3
"""An utterance that outlived so many sessions is more likely their undoing than their victim."""


@dataclass(slots=True)
class _Utterance:
    turn: Turn
    pcm: bytearray = field(default_factory=bytearray)
    sent: int = 0
    ended: bool = False
    committed: bool = False
    sessions: int = 0

    @property
    def hopeless(self) -> bool:
        return self.sessions > SESSIONS_AT_MOST


class Uplink:
    """
    Told of speech and of the link; asked for events.

    Args:
        offline_speech: The most speech that is taken in while the link is down.

    """

    def __init__(self, offline_speech: Seconds) -> None:
        self._offline_bytes = _bytes_in(offline_speech)
        self._utterance: _Utterance | None = None
        self._up = False
        self._taken_offline = 0
        self._must_clear = False

    @property
    def turn(self) -> Turn | None:
        """The turn whose speech is kept, if any."""
        return self._utterance.turn if self._utterance else None

    def open(self, turn: Turn) -> None:
        """
        Begin an utterance.

        Speech that was never committed is continued: a student who presses again while the link is down
        loses nothing, and both presses get one reply.
        """
        kept = self._utterance
        if kept is None or kept.committed:
            self._utterance = _Utterance(turn, sessions=int(self._up))
            self._taken_offline = 0
        else:
            kept.turn, kept.ended = turn, False

    def speech(self, frame: Frame) -> StoreFull | None:
        """Take a frame in; say when there is no room for the next, which would be left out."""
        utterance = self._utterance
        if utterance is None or utterance.turn != frame.turn or utterance.ended:
            return None
        if not self._is_full(utterance):
            utterance.pcm += frame.pcm.tobytes()
            self._taken_offline += 0 if self._up else frame.pcm.nbytes
        return StoreFull(frame.turn) if self._is_full(utterance) else None

    def end(self, end: EndOfUtterance) -> Tapped | UtteranceLost | None:
        """Let the utterance go out to its end; say when it was too short to be one, or is given up."""
        utterance = self._utterance
        if utterance is None or utterance.turn != end.turn:
            return None
        utterance.ended = True
        if len(utterance.pcm) < TURN_BYTES:
            self.drop()
            return Tapped(end.turn)
        return self._given_up()

    def drop(self) -> int:
        """Forget the utterance; return how many milliseconds of unanswered speech that was."""
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return 0
        self._must_clear |= bool(utterance.sent) and not utterance.committed
        return len(utterance.pcm) * 1000 // _bytes_in(1.0)

    def answered(self, turn: Turn) -> None:
        """Forget the utterance: its reply has begun, or it was refused for good."""
        if self.turn == turn:
            self._utterance = None

    def link_up(self) -> UtteranceLost | None:
        """A new, empty session: send what is kept from its beginning, unless it was tried often enough."""
        self.link_down()  # a session that is replaced in time takes with it what it was sent, too
        self._up, self._must_clear, self._taken_offline = True, False, 0
        if self._utterance is None:
            return None
        self._utterance.sessions += 1
        return self._given_up()

    def link_down(self) -> None:
        """The session is gone, and with it all that was sent."""
        self._up = False
        if self._utterance is not None:
            self._utterance.sent, self._utterance.committed = 0, False

    def take(self) -> Append | Commit | Clear | None:
        """The next event to send, or nothing yet. What is taken counts as sent on this session."""
        if not self._up:
            return None
        if self._must_clear:
            self._must_clear = False
            return Clear()
        return _next(self._utterance) if self._utterance else None

    def _is_full(self, utterance: _Utterance) -> bool:
        return len(utterance.pcm) >= STORE_BYTES or (not self._up and self._taken_offline >= self._offline_bytes)

    def _given_up(self) -> UtteranceLost | None:
        """Give the utterance up if it was tried often enough; one that is still being spoken, when it ends."""
        utterance = self._utterance
        if utterance is None or not utterance.ended or not utterance.hopeless:
            return None
        self._utterance = None
        return UtteranceLost(utterance.turn)


def _next(utterance: _Utterance) -> Append | Commit | None:
    if utterance.hopeless:
        return None
    waiting = len(utterance.pcm) - utterance.sent
    if waiting >= MESSAGE_BYTES or (waiting and utterance.ended):
        size = CATCH_UP_BYTES if waiting >= CATCH_UP_BYTES else MESSAGE_BYTES
        start, utterance.sent = utterance.sent, min(utterance.sent + size, len(utterance.pcm))
        return Append(bytes(utterance.pcm[start : utterance.sent]))
    if utterance.ended and not waiting and not utterance.committed:
        utterance.committed = True
        return Commit()
    return None
