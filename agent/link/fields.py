"""Reading fields of JSON that somebody else wrote: absent is empty, of the wrong type is Wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from agent.units import Part

Json = dict[str, Any]
"""A JSON object as it came off the wire."""

PRINTED = 64
"""Characters of a name that is not ours that are worth a log line; the longest name that is has 53."""

MOST_PARTS = 2**31
"""No item has so many parts; a larger index would be an attempt to make us count."""

LONGEST_ID = 512
"""The protocol's own bound for ids (OpenAI's OpenAPI description): we keep some of dead responses."""

_CODE = re.compile(rf"[A-Za-z0-9_.\-\[\]]{{1,{PRINTED}}}")


class Wrong(ValueError):
    """A field is not what it has to be; the message names the field, never its content."""


def of_type(message: str | bytes, kind: str) -> Json | None:
    """
    Read a message if it is an event of this type, one that is rare; None for all others, and for what is no event.

    Of a thousand messages one is: looking for the name first spares the others a second parse.
    """
    if not (kind in message if isinstance(message, str) else kind.encode() in message):
        return None
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and event.get("type") == kind else None


def text(holder: Mapping[str, Any], key: str) -> str:
    """
    A text, empty when it is absent or null.

    Raises:
        Wrong: If it is something else.

    """
    value = holder.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Wrong(f"{key} is no text")
    return value


def identity(holder: Mapping[str, Any], key: str) -> str:
    """
    An id, empty when it is absent or null.

    Raises:
        Wrong: If it is something else, or longer than any id is.

    """
    value = text(holder, key)
    if len(value) > LONGEST_ID:
        raise Wrong(f"{key} is too long")
    return value


def mapping(holder: Mapping[str, Any], key: str) -> Json:
    """
    An object, empty when it is absent or null.

    Raises:
        Wrong: If it is something else.

    """
    value = holder.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Wrong(f"{key} is no object")
    return value


def branch(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object, empty when it is anything else: for what is only looked into."""
    value = holder.get(key)
    return value if isinstance(value, Mapping) else {}


def part(event: Mapping[str, Any]) -> Part:
    """
    Where a piece of a reply belongs.

    Raises:
        Wrong: If it names no response (a barge-in could not silence it), or its index is none.

    """
    response_id = identity(event, "response_id")
    if not response_id:
        raise Wrong("no response id")
    index = event.get("content_index", 0)
    if not isinstance(index, int) or not 0 <= index < MOST_PARTS:
        raise Wrong("content_index is no index")
    return Part(response_id, identity(event, "item_id"), int(index))


def code(value: Any) -> str:  # noqa: ANN401 -- whatever stands there
    """A code, or empty: codes are words, and a sentence in their place could quote a student."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def printable(name: str) -> str:
    """As much of a name as can be shown on one line."""
    return "".join(character for character in name[:PRINTED] if character.isprintable())
