"""
The Realtime service's rules as a stand-in without a network: a wrong client fails here, not in a classroom.

Told client events (GA vocabulary) and the time, it answers with server events in the order, the shapes and with the
error codes that recordings and reports show. Speech is not detected: with `server_vad` a client has to commit as well.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

from agent.relay import configuration, items
from agent.relay.conversation import Conversation, Event, Item
from agent.relay.input_buffer import InputBuffer, transcribed
from agent.relay.reply import Reply, Spoken, Wishes
from agent.relay.shapes import Refused, decoded
from agent.relay.vocabulary import CLIENT_EVENTS, LONGEST_ID
from agent.units import Seconds

TRANSCRIBED_AFTER = 0.6
"""Seconds from a commit to its transcript: in the recordings it floats between the deltas of the reply."""

UNTOLD_TRANSCRIPTS = 32
"""Transcripts kept for later: more only if a client commits 50 times a second, whose oldest are then not told."""


class Voice(Protocol):
    """What the stand-in answers with."""

    def answer(self, heard: bytes) -> Spoken:
        """The reply to an utterance (int16 little-endian mono 24 kHz, maybe empty, maybe an odd number of bytes)."""


class Service:
    """One session. `name` tells its ids from those of other sessions; `expires_at` is in Unix seconds."""

    def __init__(self, voice: Voice, name: str, expires_at: int) -> None:
        self._voice, self._name = voice, name
        self._numbers = itertools.count(1)
        self._session = configuration.defaults(f"sess_{name}", expires_at)
        self._conversation = Conversation(f"conv_{name}")
        self._input = InputBuffer()
        self._heard = b""
        self._reply: Reply | None = None
        self._has_spoken = False
        self._transcripts: deque[tuple[Seconds, list[Event]]] = deque(maxlen=UNTOLD_TRANSCRIPTS)

    def opened(self) -> list[Event]:
        """What the service says first."""
        return self._stamped([{"type": "session.created", "session": self._session}])

    @property
    def due(self) -> Seconds | None:
        """When `passed` will have something to say by itself; None if nothing is under way."""
        moments = [when for when, _ in itertools.islice(self._transcripts, 1)]
        if self._reply is not None:
            moments.append(self._reply.due)
        return min(moments, default=None)

    def passed(self, at: Seconds) -> list[Event]:
        """What the service says by itself up to this moment."""
        said: list[Event] = []
        while (due := self.due) is not None and due <= at:
            if self._reply is not None and self._reply.due == due:
                said += self._reply.next()
                self._has_spoken = self._has_spoken or self._reply.audible
                self._reply = None if self._reply.over else self._reply
            else:
                said += self._transcripts.popleft()[1]
        return self._stamped(said)

    def told(self, event: object, at: Seconds) -> list[Event]:
        """What the service says up to this moment, and to this client event, whatever it may be."""
        said = self.passed(at)
        try:
            return said + self._stamped(self._answered(event, at))
        except Refused as refused:
            return said + self._stamped([error(refused, event)])

    def _answered(self, event: object, at: Seconds) -> list[Event]:
        if not isinstance(event, Mapping):
            raise Refused("invalid_json", "Expected a JSON object.")
        kind = event.get("type")
        if kind is None:
            raise Refused("missing_required_parameter", "Missing required parameter: 'type'.", "type")
        if not isinstance(kind, str) or kind not in CLIENT_EVENTS:
            known = ", ".join(f"'{name}'" for name in CLIENT_EVENTS)
            raise Refused("invalid_value", f"Invalid value for 'type'. Supported values are: {known}.", "type")
        CLIENT_EVENTS[kind](event, "")
        room, _, verb = kind.rpartition(".")
        if room == "conversation.item":
            return self._item_event(verb, event)
        if room == "input_audio_buffer":
            return self._input_event(verb, event, at)
        if kind == "session.update":
            return self._update(event["session"])
        return self._respond(event.get("response", {}), at) if verb == "create" else self._cancel(event, at)

    def _update(self, update: Mapping[str, Any]) -> list[Event]:
        session = configuration.updated(self._session, update)
        voice, wanted = (told["audio"]["output"]["voice"] for told in (self._session, session))
        if self._has_spoken and voice != wanted:
            raise Refused("cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.")
        self._session = session
        return [{"type": "session.updated", "session": session}]

    def _item_event(self, verb: str, event: Mapping[str, Any]) -> list[Event]:
        if verb == "create":
            return items.create(self._conversation, event["item"], event.get("previous_item_id"), self._id("item"))
        if verb == "delete":
            return items.delete(self._conversation, event["item_id"])
        return items.truncate(self._conversation, event["item_id"], event["content_index"], event["audio_end_ms"])

    def _input_event(self, verb: str, event: Mapping[str, Any], at: Seconds) -> list[Event]:
        if verb == "append":
            self._input.append(decoded(event["audio"]))
            return []
        if verb == "clear":
            self._input.clear()
            return [{"type": "input_audio_buffer.cleared"}]
        self._heard = self._input.commit()
        item = Item(self._id("item"), "user", [{"type": "input_audio", "transcript": None}])
        item.audio_bytes = len(self._heard)
        previous = self._conversation.add(item)
        if self._session["audio"]["input"]["transcription"] is not None:
            self._transcripts.append((Seconds(at + TRANSCRIBED_AFTER), transcribed(item.id, self._heard)))
        committed = {"type": "input_audio_buffer.committed", "previous_item_id": previous, "item_id": item.id}
        return [committed, *items.appeared(item, previous)]

    def _respond(self, wishes: Mapping[str, Any], at: Seconds) -> list[Event]:
        if self._reply is not None:
            message = f"Conversation already has an active response in progress: {self._reply.id}."
            raise Refused("conversation_already_has_active_response", message)
        output = self._session["audio"]["output"]
        wanted = Wishes(
            {"format": output["format"], "voice": output["voice"]},
            wishes.get("max_output_tokens", self._session["max_output_tokens"]),
            wishes.get("metadata"),
        )
        spoken, self._heard = self._voice.answer(self._heard), b""
        self._reply = Reply((self._id("resp"), self._id("item")), spoken, wanted, self._conversation, at)
        return []

    def _cancel(self, event: Mapping[str, Any], at: Seconds) -> list[Event]:
        reply = self._reply
        if reply is None or not reply.created or event.get("response_id", reply.id) != reply.id:
            raise Refused("response_cancel_not_active", "Cancellation failed: no active response found")
        reply.cancel(at)
        return []

    def _id(self, kind: str) -> str:
        return f"{kind}_{self._name}_{next(self._numbers)}"

    def _stamped(self, said: list[Event]) -> list[Event]:
        return [{"type": event["type"], "event_id": self._id("event"), **event} for event in said]


def error(refused: Refused, event: object) -> Event:
    """How the service tells what it does not do; names the client event at fault, if that has a usable `event_id`."""
    cause = event.get("event_id") if isinstance(event, Mapping) else None
    known = isinstance(cause, str) and len(cause) <= LONGEST_ID
    told = {"type": "invalid_request_error", "code": refused.code, "message": refused.message, "param": refused.param}
    return {"type": "error", "error": {**told, "event_id": cause if known else None}}
