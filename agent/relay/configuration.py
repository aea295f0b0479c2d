"""A session's settings: the service's defaults, how an update changes them, and what the relay asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.relay.conversation import Event
from agent.units import SAMPLE_RATE_HZ

_PCM = {"type": "audio/pcm", "rate": SAMPLE_RATE_HZ}

_DETECTION: dict[str, Event] = {
    "server_vad": {
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 200,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    },
    "semantic_vad": {"eagerness": "auto", "create_response": True, "interrupt_response": True},
}
"""What a `turn_detection` of this type has when the client leaves it out (recorded; semantic: documented)."""


def defaults(session_id: str, expires_at: int) -> Event:
    """The session as the service opens it, in the shape of recorded `session.created` events."""
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": "stand-in",
        "output_modalities": ["audio"],
        "instructions": "You are a helpful assistant.",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": _PCM,
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": {"type": "server_vad", **_DETECTION["server_vad"]},
            },
            "output": {"format": _PCM, "voice": "alloy", "speed": 1.0},
        },
        "include": None,
    }


def updated(session: Event, update: Mapping[str, Any]) -> Event:
    """The session after a well-formed update: only what is present changes, null turns a feature off."""
    audio = update.get("audio", {})
    heard = {**session["audio"]["input"], **audio.get("input", {})}
    if heard["transcription"] is not None:
        heard["transcription"] = {"model": None, "language": None, "prompt": None, **heard["transcription"]}
    if heard["turn_detection"] is not None:
        kind = heard["turn_detection"]["type"]
        heard["turn_detection"] = {"type": kind, **_DETECTION[kind], **heard["turn_detection"]}
    spoken = {**session["audio"]["output"], **audio.get("output", {})}
    return {**session, **update, "audio": {"input": heard, "output": spoken}}
