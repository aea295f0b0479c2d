"""The newest health record of each device, beside the tokens: in memory at once, in the file soon after."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final, NoReturn, TypeGuard

from agent.errors import BadInput
from agent.link.health import REPORT
from agent.relay.fleet import Device
from agent.units import Seconds

ASK_EVERY: Final = Seconds(60.0)
"""As often as a device looks at its own health."""

LARGEST: Final = 16 * 1024
"""Characters of an accepted message: several times a record with all its last turns."""

WRITE_EVERY_S: Final = 10.0
"""A thousand devices tell seventeen times a second; one write for all of them waits for the disk once."""

_TABLE = """
CREATE TABLE IF NOT EXISTS health (
    device_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT
"""

_KEEP = """
INSERT INTO health (device_id, at, record) VALUES (?, ?, ?)
ON CONFLICT (device_id) DO UPDATE SET at = excluded.at, record = excluded.record WHERE excluded.at >= at
"""

_ALL = """
SELECT DISTINCT tokens.device_id, health.at, health.record
FROM tokens LEFT JOIN health USING (device_id)
WHERE tokens.revoked = '' AND (tokens.ends = '' OR tokens.ends > CURRENT_TIMESTAMP) ORDER BY tokens.device_id
"""

log = logging.getLogger(__name__)


def is_report(event: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a message of a device is about its health, and so not for the tutor."""
    return isinstance(event, dict) and event.get("type") == REPORT


class Reports:
    """
    Records of devices in the file of their tokens. Event loop only; the disk is waited for on a thread.

    Raises:
        BadInput: If the file can not be opened, or is something else.

    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._unwritten: dict[str, tuple[int, str]] = {}
        self._in_trouble = False
        try:
            with closing(sqlite3.connect(file)) as base:
                base.execute(_TABLE)
        except sqlite3.Error as trouble:
            raise BadInput(str(file), f"a file that can not be used ({trouble})", "a token registry") from None

    def take(self, device_id: str, report: Mapping[str, Any], size: int, at: int) -> bool:
        """
        Keep what a device told.

        Args:
            device_id: Whose token it came with.
            report: The message.
            size: Its characters.
            at: Unix seconds.

        Returns:
            Whether it is a record: an object with a score, no larger than one needs.

        """
        record = report.get("health")
        if size > LARGEST or not isinstance(record, dict) or not isinstance(record.get("score"), int | float):
            return False
        try:
            self._unwritten[device_id] = (at, json.dumps(record, allow_nan=False))
        except (ValueError, RecursionError):
            return False
        return True

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Write now and then, and at the end."""
        writing = asyncio.create_task(self._write_often(), name="relay health")
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.wait([writing])
            await self._write()

    def devices(self) -> list[Device]:
        """All devices with a valid token and what the file knows of them, by id."""
        with closing(sqlite3.connect(self._file)) as base:
            rows = base.execute(_ALL).fetchall()
        return [Device(device_id, at, None if record is None else json.loads(record)) for device_id, at, record in rows]

    async def _write_often(self) -> NoReturn:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self._write()

    async def _write(self) -> None:
        unwritten, self._unwritten = self._unwritten, {}
        if not unwritten:
            return
        try:
            await asyncio.to_thread(_write, self._file, unwritten)
            self._in_trouble = False
        except sqlite3.Error as trouble:
            if not self._in_trouble:
                log.warning("health records wait for the registry: %s", trouble)
            self._in_trouble = True
            self._unwritten = unwritten | self._unwritten


def _write(file: Path, records: Mapping[str, tuple[int, str]]) -> None:
    with closing(sqlite3.connect(file)) as base, base:
        base.executemany(_KEEP, [(device_id, at, record) for device_id, (at, record) in records.items()])
