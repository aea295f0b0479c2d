"""Secrets out of texts: by their shape in what we write, and by what stands before them in what others write."""

from __future__ import annotations

import re
from typing import Final

from agent.link.token import redact

MASK: Final = "********"

_SHAPES: Final = (
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), MASK),  # JSON Web Tokens, which other relays take
    (re.compile(r"\bsk-[\w-]{8,}"), MASK),  # keys of OpenAI's
    (re.compile(r"(openai-insecure-api-key\.)[^\s,;'\"]+"), rf"\1{MASK}"),  # the subprotocol of browsers
    (re.compile(r"(?i)\b(bearer\s+)[^\s,;'\"]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b((?:ws|http)s?://)[^\s/@'\"]*@"), rf"\1{MASK}@"),
    (re.compile(r"(?i)\b((?:ws|http)s?://[^\s?#'\"<>]*)[?#][^\s'\"<>]*"), rf"\1?{MASK}"),  # `relay.auth = "query:..."`
)

_NAMED: Final = re.compile(
    r"(?i)((?:student|transcript|token|secret|passw|authorization|api[_-]?key|jwt|cookie)[\w.-]*[\"']?\s*[=:]\s*)"
    r"(?:b?\"[^\"]*\"?|b?'[^']*'?|[^\s,;&)}\]]+)"
)
"""A name that tells of a secret or of a student, and its value."""


def masked(text: str) -> str:
    """Mask what has the shape of a secret: for texts of our own, whose other words are ours."""
    text = redact(text)
    for shape, mask in _SHAPES:
        text = shape.sub(mask, text)
    return text


def masked_thoroughly(text: str) -> str:
    """Mask values of telling names, too: for texts that somebody else composed."""
    return _NAMED.sub(rf"\1{MASK}", masked(text))
