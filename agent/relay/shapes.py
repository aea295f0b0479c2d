"""
What client events have to look like, and what the service says when one does not.

Codes and sentences: the real service's, as reported in public (unknown and missing parameters reject the whole event).
No sentence quotes a value: what a client wrote may be what a student said.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from agent.errors import AgentError

DEEPEST = 32
"""Levels of nesting: far more than a tool's schema has, far less than a JSON writer can do."""

Shape = Callable[[Any, str], None]
"""Judges a value under its name; raises Refused."""


class Refused(AgentError):
    """The service does not do what the client asked; the session goes on."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.param = code, message, param


def text(longest: int) -> Shape:
    """A string of at most so many characters."""

    def judge(value: Any, name: str) -> None:
        if not isinstance(value, str):
            raise _wrong_type(name, "a string")
        if len(value) > longest:
            raise Refused("string_above_max_length", f"Invalid '{name}': longer than {longest} characters.", name)

    return judge


def whole(least: int, most: int | None = None) -> Shape:
    """An integer in a range, both ends included."""

    def judge(value: Any, name: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(name, "an integer")
        if value < least or (most is not None and value > most):
            raise Refused("invalid_value", f"Invalid '{name}': out of range.", name)

    return judge


def number(least: float, most: float) -> Shape:
    """A number in a range, both ends included."""

    def judge(value: Any, name: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(name, "a number")
        if not least <= value <= most:
            raise Refused("invalid_value", f"Invalid '{name}': out of range.", name)

    return judge


def one_of(*known: str) -> Shape:
    """One of these words."""

    def judge(value: Any, name: str) -> None:
        if value not in known:
            told = ", ".join(f"'{word}'" for word in known)
            raise Refused("invalid_value", f"Invalid value for '{name}'. Supported values are: {told}.", name)

    return judge


def flag(value: Any, name: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise _wrong_type(name, "a boolean")


def anything(value: Any, name: str) -> None:
    """What this stand-in takes without looking into it, but for nesting beyond reason: an echo has to be written."""
    layer = [value]
    for _ in range(DEEPEST):
        layer = [below for above in layer for below in _inside(above)]
        if not layer:
            return
    raise Refused("invalid_value", f"Invalid '{name}': nested too deeply.", name)


def nullable(shape: Shape) -> Shape:
    """Null, or what the shape says."""

    def judge(value: Any, name: str) -> None:
        if value is not None:
            shape(value, name)

    return judge


def either(first: Shape, second: Shape) -> Shape:
    """What one of two shapes says; the second one's complaint counts."""

    def judge(value: Any, name: str) -> None:
        try:
            first(value, name)
        except Refused:
            second(value, name)

    return judge


def array(shape: Shape, most: int) -> Shape:
    """A list of one to so many values of a shape."""

    def judge(value: Any, name: str) -> None:
        if not isinstance(value, list):
            raise _wrong_type(name, "an array")
        if not 1 <= len(value) <= most:
            raise Refused("invalid_value", f"Invalid '{name}': expected 1 to {most} elements.", name)
        for index, element in enumerate(value):
            shape(element, f"{name}[{index}]")

    return judge


def fields(required: Mapping[str, Shape], optional: Mapping[str, Shape]) -> Shape:
    """An object with these keys and no others."""
    known = {**required, **optional}

    def judge(value: Any, name: str) -> None:
        if not isinstance(value, Mapping):
            raise _wrong_type(name, "an object")
        below = {key: f"{name}.{key}" if name else str(key) for key in (*required, *value)}
        for key in value:
            if key not in known:
                raise Refused("unknown_parameter", f"Unknown parameter: '{below[key]}'.", below[key])
        for key in required:
            if key not in value:
                raise Refused("missing_required_parameter", f"Missing required parameter: '{below[key]}'.", below[key])
        for key, element in value.items():
            known[key](element, below[key])

    return judge


def decoded(audio: str) -> bytes:
    """The bytes behind base64; raises Refused. An odd number of bytes is fine: a sample may span two events."""
    try:
        return base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("invalid_value", "Invalid 'audio'. Expected base64-encoded audio bytes.", "audio") from None


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _wrong_type(name: str, expected: str) -> Refused:
    return Refused("invalid_type", f"Invalid type for '{name or 'event'}': expected {expected}.", name or None)
