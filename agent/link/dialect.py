"""
The two dialects of the Realtime protocol as tables, and whole events carried from one to the other.

Names and places: the GA and beta type sets of OpenAI's Python SDK; OpenAI itself has refused the beta dialect since
2026-05-12, but relays and preview endpoints still speak it. What is not of the expected shape is passed on as it came:
judging it is the reader's business. Results share their unchanged branches with the event they were made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.units import SAMPLE_RATE_HZ

Event = dict[str, Any]
"""One JSON object of the wire, with its `type`."""

BETA_TO_GA = {
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "conversation.item.created": "conversation.item.added",
}
"""Server events that have two names; every other name is common to both dialects."""

GA_TO_BETA = {ga: beta for beta, ga in BETA_TO_GA.items()}

GA_ONLY = ("conversation.item.done",)
"""Server events without a beta counterpart: beta says once, by `item.created`, what GA says twice."""

FLAT_TO_NESTED: dict[str, tuple[str, ...]] = {
    "modalities": ("output_modalities",),
    "max_response_output_tokens": ("max_output_tokens",),
    "input_audio_format": ("audio", "input", "format"),
    "input_audio_transcription": ("audio", "input", "transcription"),
    "input_audio_noise_reduction": ("audio", "input", "noise_reduction"),
    "turn_detection": ("audio", "input", "turn_detection"),
    "output_audio_format": ("audio", "output", "format"),
    "voice": ("audio", "output", "voice"),
    "speed": ("audio", "output", "speed"),
}
"""Where GA keeps what beta keeps flat, in a session and in the wishes of `response.create`."""

_ECHO = {key: FLAT_TO_NESTED[key] for key in ("modalities", "output_audio_format", "voice")}
"""The same for a response as the server tells it: its `max_output_tokens` is called so in both dialects."""

FORMATS: dict[str, dict[str, Any]] = {
    "pcm16": {"type": "audio/pcm", "rate": SAMPLE_RATE_HZ},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
"""Audio formats by their beta name."""

PARTS = {"text": "output_text", "audio": "output_audio"}
"""Types of an assistant item's content, beta to GA. A `content_part` event says text and audio in both dialects."""

_BETA_PARTS = {ga: beta for beta, ga in PARTS.items()}
_BETA_FORMATS = {form["type"]: beta for beta, form in FORMATS.items()}


def to_ga(event: Event) -> Event:
    """A server event in GA names and shape, whichever of the two dialects it came in."""
    event = {**event, "type": _renamed(event.get("type"), BETA_TO_GA)}
    _replace(event, "session", session_to_ga)
    _replace(event, "response", lambda response: _with_output(_nested(response, _ECHO), PARTS))
    _replace(event, "item", lambda item: _with_content(item, PARTS))
    return event


def to_beta(event: Event) -> Event | None:
    """A GA server event in beta names and shape; None when beta has no such event."""
    if event.get("type") in GA_ONLY:
        return None
    event = {**event, "type": _renamed(event.get("type"), GA_TO_BETA)}
    _replace(event, "session", session_to_beta)
    _replace(event, "response", lambda response: _with_output(_flat(response, _ECHO), _BETA_PARTS))
    _replace(event, "item", lambda item: _with_content(item, _BETA_PARTS))
    return event


def client_to_ga(event: Event) -> Event:
    """A client event written in beta shape, in GA shape (the names of client events are the same)."""
    event = dict(event)
    _replace(event, "session", session_to_ga)
    _replace(event, "response", lambda wishes: _with_input(_nested(wishes, FLAT_TO_NESTED)))
    _replace(event, "item", lambda item: _with_content(item, PARTS))
    return event


def session_to_ga(session: Mapping[str, Any]) -> Event:
    """A flat session in nested shape; `temperature` goes, GA refuses it."""
    return {"type": "realtime", **_nested(session, FLAT_TO_NESTED)}


def session_to_beta(session: Mapping[str, Any]) -> Event:
    """A nested session in flat shape, without its `type` (it tells GA apart) and what beta has no place for."""
    return {key: value for key, value in _flat(session, FLAT_TO_NESTED).items() if key != "type"}


def _renamed(name: Any, names: Mapping[str, str]) -> Any:
    return names.get(name, name) if isinstance(name, str) else name


def _replace(holder: Event, key: str, change: Callable[[Mapping[str, Any]], Event]) -> None:
    if isinstance(holder.get(key), Mapping):
        holder[key] = change(holder[key])


def _nested(flat: Mapping[str, Any], places: Mapping[str, tuple[str, ...]]) -> Event:
    result = {key: value for key, value in flat.items() if key not in places and key != "temperature"}
    for key, path in places.items():
        if key in flat:
            _put(result, path, _value_to_ga(key, flat[key]))
    return result


def _flat(nested: Mapping[str, Any], places: Mapping[str, tuple[str, ...]]) -> Event:
    tops = {path[0] for path in places.values()}
    result = {key: value for key, value in nested.items() if key not in tops}
    for key, path in places.items():
        holder: Any = nested
        for step in path[:-1]:
            holder = holder.get(step) if isinstance(holder, Mapping) else None
        if isinstance(holder, Mapping) and path[-1] in holder:
            result[key] = _value_to_beta(key, holder[path[-1]])
    return result


def _put(holder: Event, path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        inner = holder.get(step)
        holder[step] = dict(inner) if isinstance(inner, Mapping) else {}
        holder = holder[step]
    holder[path[-1]] = value


def _value_to_ga(key: str, value: Any) -> Any:
    if key.endswith("_format") and isinstance(value, str):
        return FORMATS.get(value, value)
    if key == "modalities" and isinstance(value, list):
        return ["audio"] if "audio" in value else ["text"]  # GA wants exactly one; audio brings its transcript
    return value


def _value_to_beta(key: str, value: Any) -> Any:
    if key.endswith("_format") and isinstance(value, Mapping):
        return _renamed(value.get("type"), _BETA_FORMATS)
    if key == "modalities" and isinstance(value, list):
        return ["text", "audio"] if "audio" in value else ["text"]
    return value


def _with_output(response: Event, parts: Mapping[str, str]) -> Event:
    return _with_items(response, "output", parts)


def _with_input(wishes: Event) -> Event:
    return _with_items(wishes, "input", PARTS)


def _with_items(holder: Event, key: str, parts: Mapping[str, str]) -> Event:
    if isinstance(holder.get(key), list):
        holder[key] = [_with_content(item, parts) if isinstance(item, Mapping) else item for item in holder[key]]
    return holder


def _with_content(item: Mapping[str, Any], parts: Mapping[str, str]) -> Event:
    result = dict(item)
    if isinstance(result.get("content"), list):
        result["content"] = [_with_part(part, parts) for part in result["content"]]
    return result


def _with_part(part: Any, parts: Mapping[str, str]) -> Any:
    return {**part, "type": _renamed(part.get("type"), parts)} if isinstance(part, Mapping) else part
