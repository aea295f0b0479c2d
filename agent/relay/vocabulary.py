"""
The client events of the GA vocabulary and the shape of each.

Source: the GA type set of OpenAI's Python SDK. Narrower than the real service where this stand-in can not follow:
replies are spoken ("audio"), belong to the conversation ("auto"), and items are messages made of text.
"""

from __future__ import annotations

from agent.relay.shapes import Shape, anything, array, either, fields, flag, nullable, number, one_of, text, whole
from agent.units import SAMPLE_RATE_HZ

LONGEST_ID = 512
"""Characters of an `event_id` (OpenAI's OpenAPI document)."""

LONGEST_AUDIO = 15 * 1024 * 1024
"""Characters of one append: the service's documented 15 MiB."""

LONGEST_TEXT = 1024 * 1024
"""Characters of any other string; several times what a 32,000-token context can hold."""

_ID = text(LONGEST_ID)
_TEXT = text(LONGEST_TEXT)
_TOKENS = either(one_of("inf"), whole(1, 4096))
_TOOL_FIELDS = {"tools": anything, "tool_choice": anything, "parallel_tool_calls": anything}


def _pcm_rate() -> Shape:
    return whole(SAMPLE_RATE_HZ, SAMPLE_RATE_HZ)


_FORMAT = fields({"type": one_of("audio/pcm")}, {"rate": _pcm_rate()})
_VOICE = either(fields({"id": _ID}, {}), text(64))
_SPEED = number(0.25, 1.5)

_DETECTION = fields(
    {"type": one_of("server_vad", "semantic_vad")},
    {
        "threshold": number(0.0, 1.0),
        "prefix_padding_ms": whole(0),
        "silence_duration_ms": whole(0),
        "idle_timeout_ms": nullable(whole(5000, 30000)),
        "create_response": flag,
        "interrupt_response": flag,
        "eagerness": one_of("low", "medium", "high", "auto"),
    },
)
_TRANSCRIPTION = fields({}, {"model": _ID, "language": nullable(_ID), "prompt": nullable(_TEXT)})
_REDUCTION = fields({"type": one_of("near_field", "far_field")}, {})

_AUDIO = fields(
    {},
    {
        "input": fields(
            {},
            {
                "format": _FORMAT,
                "transcription": nullable(_TRANSCRIPTION),
                "noise_reduction": nullable(_REDUCTION),
                "turn_detection": nullable(_DETECTION),
            },
        ),
        "output": fields({}, {"format": _FORMAT, "voice": _VOICE, "speed": _SPEED}),
    },
)

_SESSION = fields(
    {"type": one_of("realtime")},
    {
        "model": _ID,
        "instructions": _TEXT,
        "output_modalities": array(one_of("audio"), 1),
        "max_output_tokens": _TOKENS,
        "truncation": anything,
        "tracing": anything,
        "prompt": anything,
        "include": anything,
        "reasoning": anything,
        "audio": _AUDIO,
        **_TOOL_FIELDS,
    },
)

_RESPONSE = fields(
    {},
    {
        "instructions": _TEXT,
        "metadata": nullable(anything),
        "conversation": one_of("auto"),
        "output_modalities": array(one_of("audio"), 1),
        "max_output_tokens": _TOKENS,
        "audio": fields({}, {"output": fields({}, {"format": _FORMAT, "voice": _VOICE})}),
        "prompt": anything,
        **_TOOL_FIELDS,
    },
)


def _message(role: str, part: str) -> Shape:
    content = array(fields({"type": one_of(part), "text": _TEXT}, {}), 64)
    return fields(
        {"type": one_of("message"), "role": one_of(role), "content": content},
        {"id": text(32), "object": one_of("realtime.item"), "status": one_of("completed", "incomplete")},
    )


_ITEM = {
    "user": _message("user", "input_text"),
    "system": _message("system", "input_text"),
    "assistant": _message("assistant", "output_text"),
}


def _item(value: object, name: str) -> None:
    role = value.get("role") if isinstance(value, dict) else None
    _ITEM[role if role in ("system", "assistant") else "user"](value, name)


def _event(required: dict[str, Shape] | None = None, optional: dict[str, Shape] | None = None) -> Shape:
    return fields({"type": anything, **(required or {})}, {"event_id": _ID, **(optional or {})})


CLIENT_EVENTS: dict[str, Shape] = {
    "session.update": _event({"session": _SESSION}),
    "input_audio_buffer.append": _event({"audio": text(LONGEST_AUDIO)}),
    "input_audio_buffer.commit": _event(),
    "input_audio_buffer.clear": _event(),
    "conversation.item.create": _event({"item": _item}, {"previous_item_id": nullable(_ID)}),
    "conversation.item.truncate": _event({"item_id": _ID, "content_index": whole(0), "audio_end_ms": whole(0)}),
    "conversation.item.delete": _event({"item_id": _ID}),
    "response.create": _event(None, {"response": _RESPONSE}),
    "response.cancel": _event(None, {"response_id": _ID}),
}
"""Every client event, by its type, with its shape. Not offered: `conversation.item.retrieve`, megabytes of audio."""
