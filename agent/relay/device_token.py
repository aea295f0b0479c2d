"""The form of a device token, `rct_<id>_<secret><check>`: public id, 256 bits of secret, a checksum against typing."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from typing import Final

PREFIX: Final = "rct"
"""Reading-corner token: what a secret scanner or a redactor can look for."""

ID_BYTES: Final = 8
"""Enough that two devices never meet; the id is no secret."""

SECRET_BYTES: Final = 32
"""256 bits: beyond guessing, so that a fast hash is right for it."""


def new_token() -> tuple[str, str]:
    """Make a token: its id, and the whole of it."""
    token_id = secrets.token_hex(ID_BYTES)
    body = f"{PREFIX}_{token_id}_{secrets.token_hex(SECRET_BYTES)}"
    return token_id, body + _check(body)


def id_of(token: str) -> str | None:
    """The public part of a token; None if that is not one, or a mistyped one."""
    body, check = token[:-8], token[-8:]
    parts = body.split("_")
    if not token.isascii() or len(parts) != 3 or parts[0] != PREFIX or _check(body) != check:
        return None
    return parts[1]


def digest(token: str) -> bytes:
    """All that is kept of it."""
    return hashlib.sha256(token.encode()).digest()


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode('ascii')):08x}"
