"""
Realtime events as values: what the server says (past tense) and what we send (imperative).

Names and fields: GA vocabulary of the Realtime protocol. `agent/link/realtime.py` turns them from and into JSON.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.units import Part


class Dialect(enum.Enum):
    """Which names the far end uses for the same events; learnt from the `session.created` echo."""

    GA = "ga"
    BETA = "beta"


class Status(enum.Enum):
    """How a response ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SessionCreated:
    """First event of a session; `session` is the echo, as it came."""

    dialect: Dialect
    session: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SessionUpdated:
    """A `session.update` was accepted; `session` is the echo, as it came."""

    session: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Committed:
    """The input buffer became a user item."""

    item_id: str


@dataclass(frozen=True, slots=True)
class ResponseCreated:
    """A response began."""

    response_id: str


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """Decoded bytes of reply audio: any number of them, odd ones too."""

    part: Part
    data: bytes


@dataclass(frozen=True, slots=True)
class TranscriptDelta:
    """Some words of the reply, ahead of its audio."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class StudentTranscribed:
    """What the service understood of a user item; floats anywhere between the other events."""

    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """A response ended; `code` is the error code or reason when there is one."""

    response_id: str
    status: Status
    code: str


@dataclass(frozen=True, slots=True)
class ServerError:
    """Something was refused; `cause` is the `event_id` of the client event at fault, or empty."""

    code: str
    kind: str
    param: str
    cause: str


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """The server's voice detection heard speech begin."""


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """The server's voice detection heard speech end."""


@dataclass(frozen=True, slots=True)
class Harmless:
    """A known event that asks nothing of us."""

    type: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event whose type we do not know."""

    type: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not an event: `reason` says why in a word or two, without any of its content."""

    type: str
    reason: str


ServerEvent = (
    SessionCreated
    | SessionUpdated
    | Committed
    | ResponseCreated
    | AudioDelta
    | TranscriptDelta
    | StudentTranscribed
    | ResponseDone
    | ServerError
    | VoiceStarted
    | VoiceStopped
    | Harmless
    | Unknown
    | Malformed
)


@dataclass(frozen=True, slots=True)
class Append:
    """Some speech: int16 little-endian mono 24 kHz."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """Make the input buffer a user item."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Throw the input buffer away."""


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """Ask for a reply."""


@dataclass(frozen=True, slots=True)
class CancelResponse:
    """Stop a reply that is running."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Truncate:
    """Tell how much of an item was heard."""

    item_id: str
    content_index: int
    audio_end_ms: int


@dataclass(frozen=True, slots=True)
class ManualTurns:
    """Turn the server's voice detection off by sending the echoed session's audio settings back whole."""

    session: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remember:
    """Seed the conversation with something that was said and heard before, as text."""

    by_student: bool
    text: str


ClientEvent = Append | Commit | Clear | CreateResponse | CancelResponse | Truncate | ManualTurns | Remember
