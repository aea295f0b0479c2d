"""Facts told to the session, in the past tense. Those with a `turn` are dropped when it is not the current one."""

from __future__ import annotations

from dataclasses import dataclass

from agent.units import Turn


@dataclass(frozen=True, slots=True)
class TurnOpened:
    """The student wants to speak (a press, under push-to-talk)."""


@dataclass(frozen=True, slots=True)
class TurnClosed:
    """The student has finished (a release, under push-to-talk)."""


@dataclass(frozen=True, slots=True)
class ButtonStuck:
    """The button was down at start, or has been down for two minutes."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """The utterance was too short to be a turn."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class StoreFull:
    """The link is down and as much speech is kept as may be."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class UtteranceSent:
    """The commit of this turn was handed to the socket."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class UtteranceLost:
    """Sending was tried on several sessions in vain; the speech is gone."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class ReplyArrived:
    """Audio of the reply came in."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class ReplyAudible:
    """The first sample of the reply was handed to the speaker."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """No more audio of the reply will arrive; some did."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    """No reply will come for this turn: the far end failed."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class ReplyLimited:
    """No reply will come for this turn: over budget or rate limited."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class UtteranceRefused:
    """The far end heard nothing in the utterance."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class ReplyDrained:
    """The last sample of the reply was heard."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A session is configured and seeded."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The session ended; another is being dialled."""


@dataclass(frozen=True, slots=True)
class LinkRefused:
    """The relay refused the token, or something answers in its place: a person must act."""


@dataclass(frozen=True, slots=True)
class LinkLimited:
    """Over budget or rate limited: later."""


@dataclass(frozen=True, slots=True)
class ClockWrong:
    """The relay's certificate is not yet valid: our clock is behind."""


@dataclass(frozen=True, slots=True)
class MicrophoneLost:
    """The microphone was unplugged, or does not answer."""


@dataclass(frozen=True, slots=True)
class MicrophoneBack:
    """The microphone was found again."""


@dataclass(frozen=True, slots=True)
class SpeakerLost:
    """The speaker was unplugged, or does not answer."""


@dataclass(frozen=True, slots=True)
class SpeakerBack:
    """The speaker was found again."""


@dataclass(frozen=True, slots=True)
class RingLost:
    """The ring can not be driven."""


@dataclass(frozen=True, slots=True)
class RingBack:
    """The ring shows again what it should."""


@dataclass(frozen=True, slots=True)
class HoursOpened:
    """School hours began; until the first `HoursClosed` they are taken to be on."""


@dataclass(frozen=True, slots=True)
class HoursClosed:
    """School hours ended."""


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The time limit of a state ran out; `alarm` tells a stale one."""

    alarm: int


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The agent has to end (SIGTERM)."""


Event = (
    TurnOpened
    | TurnClosed
    | ButtonStuck
    | Tapped
    | StoreFull
    | UtteranceSent
    | UtteranceLost
    | ReplyArrived
    | ReplyAudible
    | ReplyEnded
    | ReplyFailed
    | ReplyLimited
    | UtteranceRefused
    | ReplyDrained
    | LinkUp
    | LinkLost
    | LinkRefused
    | LinkLimited
    | ClockWrong
    | MicrophoneLost
    | MicrophoneBack
    | SpeakerLost
    | SpeakerBack
    | RingLost
    | RingBack
    | HoursOpened
    | HoursClosed
    | TimeUp
    | StopAsked
)
