"""
What lines cost in a journal file: the sizes of the objects that journald appends for them, without writing any.

Source: the format's documentation (systemd.io, "Journal File Format") and `journal-file.c` of systemd 252, compact
files, which are the default since; `test_school_year` compares with a file that systemd's own tool wrote. Not counted
is what every file has however little is in it: header and hash tables, 3.7 MB of an 8 MB file.
"""

from __future__ import annotations

import json

FIRST_US = 1_800_000_000_000_000
"""A moment that a line may come from, in microseconds of Unix time."""

ENTRY, ENTRY_ITEM = 64, 4
DATA, FIELD = 72, 40
ARRAY, ARRAY_ITEM, ARRAY_LEAST = 24, 4, 4
"""Bytes of each kind of object before what it holds, and of what it holds; items of the shortest array."""

TRUSTED = {
    "_UID": "987",
    "_GID": "987",
    "_COMM": "reading-corner",
    "_EXE": "/opt/reading-corner/venv/bin/python3.11",
    "_CMDLINE": "/opt/reading-corner/venv/bin/python3 /opt/reading-corner/venv/bin/reading-corner run",
    "_CAP_EFFECTIVE": "0",
    "_SYSTEMD_CGROUP": "/system.slice/reading-corner.service",
    "_SYSTEMD_UNIT": "reading-corner.service",
    "_SYSTEMD_SLICE": "system.slice",
    "_SYSTEMD_INVOCATION_ID": "0123456789abcdef0123456789abcdef",
    "_MACHINE_ID": "0123456789abcdef0123456789abcdef",
    "_BOOT_ID": "0123456789abcdef0123456789abcdef",
    "_HOSTNAME": "corner-017",
    "_RUNTIME_SCOPE": "system",
    "_TRANSPORT": "journal",
    "_PID": "812",
    "SYSLOG_IDENTIFIER": "reading-corner",
}
"""What journald and the library add to each line; they hardly ever change."""


def stored_with(message, fields, number):
    """All that is stored of the line with this number; no two come within a microsecond."""
    return {**TRUSTED, "MESSAGE": message, **fields, "_SOURCE_REALTIME_TIMESTAMP": str(FIRST_US + number)}


class JournalSize:
    """Told lines; knows how many and what they would take."""

    def __init__(self):
        self.entries = self.bytes = 0
        self._all = _Chain()
        self._data = {}
        self._fields = set()

    def send(self, message, fields):
        """Take a line, as `agent.journal` sends it."""
        self.entries += 1
        stored = stored_with(message, fields, self.entries)
        self._add(ENTRY + ENTRY_ITEM * len(stored))
        self._point(self._all)
        for name, value in stored.items():
            self._hold(name, f"{name}={value}")

    def _hold(self, name, data):
        """Each `NAME=value` is stored once, and from then on pointed at."""
        if name not in self._fields:
            self._fields.add(name)
            self._add(FIELD + len(name))
        if data in self._data:
            self._point(self._data[data])
        else:
            self._data[data] = _Chain()  # the first entry is named in the object itself
            self._add(DATA + len(data.encode()))

    def _point(self, chain):
        if chain.used == chain.room:
            chain.last = max(ARRAY_LEAST, (chain.used + 1) * 2 if chain.used > chain.last else chain.last * 2)
            chain.room += chain.last
            self._add(ARRAY + ARRAY_ITEM * chain.last)
        chain.used += 1

    def _add(self, size):
        self.bytes += (size + 7) // 8 * 8


class LinesOnDisk:
    """Keeps the lines of months where they do not look like memory that somebody lost."""

    def __init__(self, file):
        self._file = file

    def send(self, message, fields):
        """Take a line, as `agent.journal` sends it."""
        self._file.write(json.dumps([message, dict(fields)]) + "\n")

    def size(self):
        """What they would take."""
        size = JournalSize()
        self._file.seek(0)
        for line in self._file:
            size.send(*json.loads(line))
        return size


class _Chain:
    """Arrays that point to entries, each longer than the one before."""

    __slots__ = ("last", "room", "used")

    def __init__(self):
        self.used = self.room = self.last = 0
