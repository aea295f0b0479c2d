"""
Rotations: a device gets a new token over its live connection, and the old one ends when the new one has proved itself.

    wanted     a person asked for it                    ->  offered, whenever the device is connected
    offered    a new token was made, and sent           ->  offered anew, if that connection ends before an answer
    kept       the device says that it is on its disk   ->  from now on the old one has a last moment
    confirmed  the device came with it                  ->  the old one has ended

Nothing secret is at rest: a token that was lost on its way is lost, and the next offer is another one. Each stays valid
until one newer than it is known to be on the device's disk or in use, for the answer may be what was lost. And a device
takes no token that is older than what it has. So whichever process dies at whichever moment, what it has lets it in.
"""

from __future__ import annotations

import enum
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from agent.relay.device_token import digest, new_token

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS rotations (
    device_id TEXT PRIMARY KEY,
    state TEXT NOT NULL DEFAULT 'wanted',
    since TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    overlap_s INTEGER NOT NULL,
    token_id TEXT NOT NULL DEFAULT '',
    old_until TEXT NOT NULL DEFAULT ''
) STRICT
"""

_WANT: Final = """
INSERT INTO rotations (device_id, overlap_s)
SELECT device_id, ? FROM tokens
WHERE device_id = ? AND revoked = '' AND (ends = '' OR ends > CURRENT_TIMESTAMP)
GROUP BY device_id HAVING min(used != '' OR offered != '') AND max(used != '')
ON CONFLICT (device_id) DO UPDATE SET state = 'wanted', since = CURRENT_TIMESTAMP, overlap_s = excluded.overlap_s
"""

_DUE: Final = """
SELECT device_id FROM rotations
WHERE state IN ('wanted', 'offered') AND device_id IN (SELECT value FROM json_each(?))
"""

_OFFER: Final = """
UPDATE rotations SET state = 'offered', since = CURRENT_TIMESTAMP, token_id = ?,
    old_until = datetime('now', overlap_s || ' seconds')
WHERE device_id = ? AND state IN ('wanted', 'offered') RETURNING CAST(strftime('%s', old_until) AS INTEGER)
"""

_NEW: Final = "INSERT INTO tokens (id, device_id, digest, offered) VALUES (?, ?, ?, CURRENT_TIMESTAMP)"

_KEPT: Final = """
UPDATE rotations SET state = 'kept', since = CURRENT_TIMESTAMP
WHERE token_id = ? AND state = 'offered' RETURNING old_until
"""

_CONFIRMED: Final = """
UPDATE rotations SET state = 'confirmed', since = CURRENT_TIMESTAMP
WHERE device_id = (SELECT device_id FROM tokens WHERE id = ?) AND state IN ('offered', 'kept')
"""

_FIRST_USE: Final = "UPDATE tokens SET used = CURRENT_TIMESTAMP WHERE id = ? AND used = '' RETURNING used"

_END_OLDER: Final = """
UPDATE tokens SET ends = :at
FROM (SELECT rowid AS place, device_id AS device FROM tokens WHERE id = :id) AS newer
WHERE device_id = newer.device AND tokens.rowid < newer.place AND revoked = '' AND (ends = '' OR ends > :at)
"""


class State(enum.Enum):
    """How far a rotation has come."""

    WANTED = "wanted"
    OFFERED = "offered"
    KEPT = "kept"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Offer:
    """A new token for a device; `old_valid_until` in Unix seconds."""

    token_id: str
    token: str = field(repr=False)
    old_valid_until: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far a device's last rotation has come, and since when, in UTC as SQLite writes it."""

    state: State
    since: str


class Rotations:
    """The rotations of a registry's tokens; `base` is that registry's own, and so are its threads."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        base.execute(_TABLE)

    def want(self, device_id: str, overlap_s: int) -> bool:
        """
        Ask for a new token for a device.

        Args:
            device_id: Whose.
            overlap_s: Seconds, from the offer, for which the old token will do if the device does not come with the
                new one sooner.

        Returns:
            Whether it has come with every token that a person issued for it. One that is still on its way to the
            device by hand must not be ended by one that was sent later.

        """
        return self._base.execute(_WANT, (overlap_s, device_id)).rowcount > 0

    def due(self, device_ids: Iterable[str]) -> list[str]:
        """Say which of these devices are to be made an offer, or another one."""
        return [row[0] for row in self._base.execute(_DUE, (json.dumps(list(device_ids)),))]

    def offer(self, device_ids: Iterable[str]) -> dict[str, Offer]:
        """Make a token for each of these that is due, to be sent now: this is the only time that it can be seen."""
        with at_once(self._base):
            return {device_id: offer for device_id in device_ids if (offer := self._offer(device_id))}

    def kept(self, token_ids: Iterable[str]) -> None:
        """Learn that the devices have these on their disks; only the last one that each was offered counts."""
        with at_once(self._base):
            for token_id in token_ids:
                for (old_until,) in self._base.execute(_KEPT, (token_id,)).fetchall():
                    self._base.execute(_END_OLDER, {"id": token_id, "at": old_until})

    def came_with(self, token_ids: Iterable[str]) -> None:
        """Learn that devices are in by these; the first time, all older tokens of the device end."""
        with at_once(self._base):
            for token_id in token_ids:
                for (now,) in self._base.execute(_FIRST_USE, (token_id,)).fetchall():
                    self._base.execute(_END_OLDER, {"id": token_id, "at": now})
                    self._base.execute(_CONFIRMED, (token_id,))

    def forget(self, device_id: str) -> None:
        """Offer this device nothing more."""
        self._base.execute("DELETE FROM rotations WHERE device_id = ?", (device_id,))

    def forget_offer(self, token_id: str) -> None:
        """End the rotation that led to this token, if that is not over yet: it must not end the token before it."""
        self._base.execute("DELETE FROM rotations WHERE token_id = ? AND state != 'confirmed'", (token_id,))

    def all(self) -> Mapping[str, Rotation]:
        """The last rotation of each device that had one."""
        rows = self._base.execute("SELECT device_id, state, since FROM rotations")
        return {device_id: Rotation(State(state), since) for device_id, state, since in rows}

    def _offer(self, device_id: str) -> Offer | None:
        token_id, token = new_token()
        for (old_until,) in self._base.execute(_OFFER, (token_id, device_id)).fetchall():
            self._base.execute(_NEW, (token_id, device_id, digest(token)))
            return Offer(token_id, token, old_until)
        return None


@contextmanager
def at_once(base: sqlite3.Connection) -> Iterator[None]:
    """Make what is done inside one change: all of it, or none."""
    base.execute("BEGIN IMMEDIATE")
    with base:
        yield
