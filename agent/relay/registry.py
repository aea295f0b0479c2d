"""Device tokens: shown once, kept as a digest, revocable one by one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path

from agent.errors import BadInput

PREFIX = "rct"
"""Reading-corner token: what a secret scanner or a redactor can look for."""

ID_BYTES = 8
"""Enough that two devices never meet; the id is no secret."""

SECRET_BYTES = 32
"""256 bits: beyond guessing, so that a fast hash is right for it."""

_TABLE = """
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY,
    device_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    issued TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    revoked TEXT NOT NULL DEFAULT ''
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """What is known of a token; moments in UTC as SQLite writes them, `revoked` is empty while it is valid."""

    id: str
    device_id: str
    issued: str
    revoked: str


class Registry:
    """
    Tokens in a SQLite file, or in memory when there is none. Threads: only the one that made it.

    Raises:
        BadInput: If the file can not be opened, or is something else.

    """

    def __init__(self, file: Path | None = None) -> None:
        try:
            # No transactions of the module's own: each statement stands by itself, and is there for the other process.
            self._base = sqlite3.connect(file or ":memory:", isolation_level=None)
            self._base.execute(_TABLE)
        except sqlite3.Error as trouble:
            raise BadInput(str(file), f"a file that can not be used ({trouble})", "a token registry") from None

    def issue(self, device_id: str) -> str:
        """A new token for a device; this is the only time that it can be seen."""
        token_id, secret = secrets.token_hex(ID_BYTES), secrets.token_hex(SECRET_BYTES)
        body = f"{PREFIX}_{token_id}_{secret}"
        token = body + _check(body)
        row = (token_id, device_id, _digest(token))
        self._base.execute("INSERT INTO tokens (id, device_id, digest) VALUES (?, ?, ?)", row)
        return token

    def find(self, token: str) -> Grant | None:
        """What this token grants, revoked or not; None if it was not issued here."""
        token_id = id_of(token)
        if token_id is None:
            return None
        query = "SELECT id, device_id, issued, revoked, digest FROM tokens WHERE id = ?"
        row = self._base.execute(query, (token_id,)).fetchone()
        if row is None or not hmac.compare_digest(row[4], _digest(token)):
            return None
        return Grant(*row[:4])

    def revoke(self, device_id: str) -> int:
        """Revoke every token of a device; return how many were valid until now."""
        change = "UPDATE tokens SET revoked = CURRENT_TIMESTAMP WHERE device_id = ? AND revoked = ''"
        return self._base.execute(change, (device_id,)).rowcount

    def revoke_token(self, token_id: str) -> int:
        """Revoke one token, by the id between its first two underscores; return how many that were: one or none."""
        change = "UPDATE tokens SET revoked = CURRENT_TIMESTAMP WHERE id = ? AND revoked = ''"
        return self._base.execute(change, (token_id,)).rowcount

    def grants(self) -> list[Grant]:
        """All tokens ever issued, by device, the oldest first."""
        query = "SELECT id, device_id, issued, revoked FROM tokens ORDER BY device_id, issued, rowid"
        return [Grant(*row) for row in self._base.execute(query)]

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()


def id_of(token: str) -> str | None:
    """The public part of a token; None if that is not one, or a mistyped one."""
    body, check = token[:-8], token[-8:]
    parts = body.split("_")
    if not token.isascii() or len(parts) != 3 or parts[0] != PREFIX or _check(body) != check:
        return None
    return parts[1]


def _check(body: str) -> str:
    return f"{zlib.crc32(body.encode('ascii')):08x}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
