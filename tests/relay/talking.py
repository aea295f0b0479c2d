"""A service to talk to, and words to talk with."""

from __future__ import annotations

import base64

from agent.relay.reply import Spoken
from agent.relay.service import Service

SECOND = b"\x01\x02" * 24_000


class Speaker:
    """A voice that says what it was given, and keeps what it was told."""

    def __init__(self, pcm=SECOND, transcript="one two three"):
        self.spoken, self.heard = Spoken(pcm, transcript), []

    def answer(self, heard):
        self.heard.append(heard)
        return self.spoken


def a_service(pcm=SECOND, voice=None):
    return Service(voice or Speaker(pcm), "s", expires_at=4_000_000_000)


def append(pcm=SECOND):
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()}


COMMIT = {"type": "input_audio_buffer.commit"}
CLEAR = {"type": "input_audio_buffer.clear"}
CREATE = {"type": "response.create"}
CANCEL = {"type": "response.cancel"}


def truncate(item_id, ms, index=0):
    return {
        "type": "conversation.item.truncate",
        "item_id": item_id,
        "content_index": index,
        "audio_end_ms": ms,
    }


def say(text, role="user", **more):
    part = "output_text" if role == "assistant" else "input_text"
    item = {"type": "message", "role": role, "content": [{"type": part, "text": text}], **more}
    return {"type": "conversation.item.create", "item": item}


def update(**session):
    return {"type": "session.update", "session": {"type": "realtime", **session}}


def types(events):
    return [event["type"] for event in events]


def the(kind, events):
    (event,) = [event for event in events if event["type"] == kind]
    return event


def code(events):
    return the("error", events)["error"]["code"]


def replied(service, at=0.0):
    """Ask for a reply and hear it out; the ids of the response and its item."""
    service.told(CREATE, at)
    events = service.passed(at + 60)
    return the("response.done", events)["response"]["id"], the("response.output_item.done", events)["item"]["id"]
