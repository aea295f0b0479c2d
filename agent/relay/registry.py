"""Device tokens: shown once, kept as a digest, ended by their successor or, one by one, by a person."""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.errors import BadInput
from agent.relay.device_token import digest, id_of, new_token
from agent.relay.rotations import Rotations, at_once

PATIENCE_S: Final = 5.0
"""A change takes milliseconds, hundreds on a disk that is busy."""

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY,
    device_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    issued TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    revoked TEXT NOT NULL DEFAULT ''
) STRICT
"""

_ADDED: Final = ("offered", "used", "ends", "doubled")
"""Columns that files made by earlier versions do not have; what they hold: see `Grant`."""

_KNOWN: Final = """
SELECT id, device_id, issued, offered, used, ends, revoked, doubled,
    revoked = '' AND (ends = '' OR ends > CURRENT_TIMESTAMP), digest
FROM tokens
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """
    What is known of a token. Moments are in UTC as SQLite writes them, or empty.

    Args:
        id: The public part.
        device_id: Whose it is.
        issued: When.
        offered: When it was made for a rotation; empty if it was issued to a person.
        used: When a device first came with it.
        ends: From when it lets nobody in any more, since there is a newer one.
        revoked: When a person took it back; who is in by it, is put out.
        doubled: When it, and another connection of the same device, were last seen at once for too long.
        is_valid: Whether it lets a device in, as of the look at it.

    """

    id: str
    device_id: str
    issued: str
    offered: str
    used: str
    ends: str
    revoked: str
    doubled: str
    is_valid: bool


class Registry:
    """
    Tokens in a SQLite file, or in memory when there is none, and their rotations. Threads: only the one that made it.

    Args:
        file: Where they are kept.
        patience_s: How long another process may be in the middle of a change; then it is sqlite3.OperationalError.

    Raises:
        BadInput: If the file can not be opened, or is something else.

    """

    def __init__(self, file: Path | None = None, patience_s: float = PATIENCE_S) -> None:
        try:
            # No transactions of the module's own: each statement stands by itself, and is there for the other process.
            self._base = sqlite3.connect(file or ":memory:", timeout=patience_s, isolation_level=None)
            _set_up(self._base)
            self.rotations = Rotations(self._base)
        except sqlite3.Error as trouble:
            raise BadInput(str(file), f"a file that can not be used ({trouble})", "a token registry") from None

    def issue(self, device_id: str) -> str:
        """
        Make another token for a device; this is the only time that it can be seen.

        Older ones end when a device comes with it, and not before: who is in stays in until then. A rotation that was
        not over yet is forgotten, so that no token newer than this one can come of it.
        """
        token_id, token = new_token()
        with at_once(self._base):
            row = (token_id, device_id, digest(token))
            self._base.execute("INSERT INTO tokens (id, device_id, digest) VALUES (?, ?, ?)", row)
            self.rotations.forget(device_id)
        return token

    def find(self, token: str) -> Grant | None:
        """What this token grants, valid or not; None if it was not issued here."""
        token_id = id_of(token)
        if token_id is None:
            return None
        row = self._base.execute(f"{_KNOWN} WHERE id = ?", (token_id,)).fetchone()
        if row is None or not hmac.compare_digest(row[-1], digest(token)):
            return None
        return _grant(row)

    def revoke(self, device_id: str) -> int:
        """Take every token of a device back; return how many were not yet."""
        change = "UPDATE tokens SET revoked = CURRENT_TIMESTAMP WHERE device_id = ? AND revoked = ''"
        with at_once(self._base):
            self.rotations.forget(device_id)
            return self._base.execute(change, (device_id,)).rowcount

    def revoke_token(self, token_id: str) -> int:
        """Take one token back, by the id between its first two underscores; return how many that were: one or none."""
        change = "UPDATE tokens SET revoked = CURRENT_TIMESTAMP WHERE id = ? AND revoked = ''"
        with at_once(self._base):
            self.rotations.forget_offer(token_id)
            return self._base.execute(change, (token_id,)).rowcount

    def revoked_among(self, token_ids: Iterable[str]) -> set[str]:
        """Say which of these a person has taken back."""
        query = "SELECT id FROM tokens WHERE revoked != '' AND id IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self._base.execute(query, (json.dumps(list(token_ids)),))}

    def doubled(self, token_id: str) -> None:
        """Remember that a device was in two places at once, the newer of them with this token."""
        self._base.execute("UPDATE tokens SET doubled = CURRENT_TIMESTAMP WHERE id = ?", (token_id,))

    def has_valid(self, device_id: str) -> bool:
        """Whether a device has a token that lets it in."""
        return any(grant.is_valid for grant in self.grants(device_id))

    def grants(self, device_id: str | None = None) -> list[Grant]:
        """All tokens ever issued, or those of one device: by device, the oldest first."""
        query = f"{_KNOWN} WHERE ? IN (device_id, '') ORDER BY device_id, rowid"
        return [_grant(row) for row in self._base.execute(query, (device_id or "",))]

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()


def _grant(row: tuple[Any, ...]) -> Grant:
    return Grant(*(*row[:8], bool(row[8])))


def _set_up(base: sqlite3.Connection) -> None:
    with at_once(base):
        base.execute(_TABLE)
        with closing(base.execute("SELECT name FROM pragma_table_info('tokens')")) as names:
            there = {name for (name,) in names}
        for column in _ADDED:
            if column not in there:
                base.execute(f"ALTER TABLE tokens ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
        base.execute("CREATE INDEX IF NOT EXISTS tokens_of_device ON tokens (device_id)")
