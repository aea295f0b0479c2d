"""
Realtime events from and into JSON, in both dialects.

Whatever comes in becomes an event: nothing a server may send raises. Where a field is missing that only we would miss,
the event is Malformed; where the session can go on without it, it is empty.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from agent.link.dialect import BETA_TO_GA
from agent.link.fields import Json, Wrong, branch, code, identity, mapping, part, printable, text
from agent.link.messages import (
    Append,
    AudioDelta,
    CancelResponse,
    Clear,
    ClientEvent,
    Commit,
    Committed,
    CreateResponse,
    Dialect,
    Harmless,
    Malformed,
    ManualTurns,
    Remember,
    ResponseCreated,
    ResponseDone,
    ServerError,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
    Status,
    StudentTranscribed,
    TranscriptDelta,
    Truncate,
    Unknown,
    VoiceStarted,
    VoiceStopped,
)

HARMLESS = frozenset(
    {
        "conversation.created",
        "conversation.item.added",
        "conversation.item.deleted",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.failed",
        "conversation.item.input_audio_transcription.segment",
        "conversation.item.retrieved",
        "conversation.item.truncated",
        "input_audio_buffer.cleared",
        "input_audio_buffer.timeout_triggered",
        "output_audio_buffer.cleared",
        "output_audio_buffer.started",
        "output_audio_buffer.stopped",
        "rate_limits.updated",
        "response.cancelled",
        "response.content_part.added",
        "response.content_part.done",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.output_text.done",
    }
)
"""Known events that ask nothing of us. `response.cancelled` is in no type set, but some services send it;
`response.done` ends a response either way."""

KEPT = 64
"""Control events remembered for the errors they may cause: about ten turns of six, and an error follows within one."""


END_OF_TIME = 2**40
"""Unix time in the year 36812. What lies behind it is no moment, and JSON has integers that no float can hold."""


def decode(message: str | bytes) -> ServerEvent:
    """What the server says in this message; never raises."""
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return Malformed("", "not JSON")
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(kind, str):
        return Malformed("", "no type")
    name = BETA_TO_GA.get(kind, kind)
    if name in HARMLESS:
        return Harmless(name)
    reader = _READERS.get(name)
    if reader is None:
        return Unknown(printable(name))
    try:
        return reader(event)
    except Wrong as wrong:
        return Malformed(name, str(wrong))


def is_manual(session: Mapping[str, Any]) -> bool:
    """Whether the echoed session leaves the turns to us; silence counts as no, for the default is voice detection."""
    holder = session
    if "audio" in session:
        holder = branch(branch(session, "audio"), "input")
    return "turn_detection" in holder and holder["turn_detection"] is None


def expires_at(session: Mapping[str, Any]) -> int | None:
    """Unix time in seconds at which the echoed session will end, if it says so."""
    moment = session.get("expires_at")
    return moment if isinstance(moment, int) and not isinstance(moment, bool) and 0 < moment < END_OF_TIME else None


class Encoder:
    """
    Client events into JSON, with an `event_id` on all but speech, so that an error can be laid at its cause.

    One for each session: the ids start again with it.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._count = 0
        self._sent: dict[str, ClientEvent] = {}

    def encode(self, event: ClientEvent) -> tuple[str, str]:
        """
        Put an event into words.

        Returns:
            Its `event_id`, empty for speech, and the JSON text.

        """
        if isinstance(event, Append):
            # By far the most frequent message; base64 needs no escapes, so no encoder has to look at each character.
            audio = binascii.b2a_base64(event.pcm, newline=False).decode("ascii")
            return "", f'{{"type":"input_audio_buffer.append","audio":"{audio}"}}'
        self._count += 1
        event_id = f"rc-{self._count}"
        self._sent[event_id] = event
        if len(self._sent) > KEPT:
            del self._sent[next(iter(self._sent))]
        return event_id, json.dumps({"event_id": event_id, **self._body(event)}, separators=(",", ":"))

    def sent(self, event_id: str) -> ClientEvent | None:
        """The event that went out under this id, if it is among the last 64."""
        return self._sent.get(event_id)

    def _body(
        self, event: Commit | Clear | CreateResponse | CancelResponse | Truncate | ManualTurns | Remember
    ) -> Json:
        match event:
            case Commit():
                return {"type": "input_audio_buffer.commit"}
            case Clear():
                return {"type": "input_audio_buffer.clear"}
            case CreateResponse():
                return {"type": "response.create"}
            case CancelResponse():
                return {"type": "response.cancel", "response_id": event.response_id}
            case Truncate():
                place = {"item_id": event.item_id, "content_index": event.content_index}
                return {"type": "conversation.item.truncate", **place, "audio_end_ms": event.audio_end_ms}
            case ManualTurns():
                return {"type": "session.update", "session": _manual(event.session, self._dialect)}
            case Remember():
                return {"type": "conversation.item.create", "item": _message(event, self._dialect)}
            case _:  # pragma: no cover -- mypy proves that there is no other event
                assert_never(event)


def _manual(session: Mapping[str, Any], dialect: Dialect) -> Json:
    if dialect is Dialect.BETA:
        return {"turn_detection": None}
    # The block goes back whole: whether a partial `audio` keeps its siblings is not documented (format, voice).
    audio = branch(session, "audio")
    return {"type": "realtime", "audio": {**audio, "input": {**branch(audio, "input"), "turn_detection": None}}}


def _message(event: Remember, dialect: Dialect) -> Json:
    said = "text" if dialect is Dialect.BETA else "output_text"
    role, kind = ("user", "input_text") if event.by_student else ("assistant", said)
    return {"type": "message", "role": role, "content": [{"type": kind, "text": event.text}]}


def _session_created(event: Json) -> SessionCreated:
    session = mapping(event, "session")
    nested = "audio" in session or "type" in session
    flat = any(key in session for key in ("turn_detection", "input_audio_format", "modalities"))
    return SessionCreated(Dialect.BETA if flat and not nested else Dialect.GA, session)


def _response_created(event: Json) -> ResponseCreated:
    response_id = identity(mapping(event, "response"), "id")
    if not response_id:
        raise Wrong("no response id")
    return ResponseCreated(response_id)


def _audio_delta(event: Json) -> AudioDelta:
    delta = event.get("delta")
    if not isinstance(delta, str):
        raise Wrong("no delta")
    try:
        # Strict, and all or nothing: half a delta may end within a sample, and everything after it would be noise.
        data = binascii.a2b_base64(delta, strict_mode=True)
    except ValueError:
        raise Wrong("not base64") from None
    return AudioDelta(part(event), data)


def _transcript_delta(event: Json) -> TranscriptDelta:
    return TranscriptDelta(part(event), text(event, "delta"))


def _transcribed(event: Json) -> StudentTranscribed:
    return StudentTranscribed(identity(event, "item_id"), text(event, "transcript"))


def _response_done(event: Json) -> ResponseDone:
    response = mapping(event, "response")
    try:
        status = Status(response.get("status"))
    except ValueError:
        status = Status.INCOMPLETE  # it is over, and not as it should be: nobody may go on waiting for it
    return ResponseDone(identity(response, "id"), status, _outcome(response.get("status_details")))


def _outcome(details: Any) -> str:  # noqa: ANN401 -- some gateways send a plain string
    if not isinstance(details, dict):
        return code(details)
    error = branch(details, "error")
    return code(error.get("code")) or code(error.get("type")) or code(details.get("reason"))


def _server_error(event: Json) -> ServerError:
    error = branch(event, "error")
    cause = error.get("event_id")
    return ServerError(
        code=code(error.get("code")),
        kind=code(error.get("type")),
        param=code(error.get("param")),
        cause=cause if isinstance(cause, str) else "",
    )


_READERS: dict[str, Callable[[Json], ServerEvent]] = {
    "session.created": _session_created,
    "session.updated": lambda event: SessionUpdated(mapping(event, "session")),
    "input_audio_buffer.committed": lambda event: Committed(identity(event, "item_id")),
    "input_audio_buffer.speech_started": lambda _: VoiceStarted(),
    "input_audio_buffer.speech_stopped": lambda _: VoiceStopped(),
    "response.created": _response_created,
    "response.output_audio.delta": _audio_delta,
    "response.output_audio_transcript.delta": _transcript_delta,
    "conversation.item.input_audio_transcription.completed": _transcribed,
    "response.done": _response_done,
    "error": _server_error,
}
