"""
A month of an ordinary corner in the journal: `python -m tests.journal.month` prints how large it gets.

The lines are made by the journal itself out of notes, the file by systemd-journal-remote (a Debian package) out of
the export format, with the trusted fields that journald adds.
"""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from agent.journal import Line, Priority
from tests.journal.samples import DOWN, HEARD, UP, Paper, board, device, health

REMOTE = shutil.which("systemd-journal-remote", path="/lib/systemd:/usr/lib/systemd")

DAYS = range(30)
TURNS_A_DAY = 40
OUTAGES_A_DAY = 4
PLANNED_EVERY_S = 400
"""The shortest limit of a session that we know (Supabase Edge Functions), day and night."""

DAY_S, MORNING_S, LESSONS_S = 86_400, 8 * 3_600, 7 * 3_600
EPOCH_US = 1_790_000_000_000_000

TRUSTED = {
    "_BOOT_ID": "0f2c4b1a9d3e4f5a8b7c6d5e4f3a2b1c",
    "_MACHINE_ID": "9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d",
    "_HOSTNAME": "corner-17",
    "_TRANSPORT": "journal",
    "_PID": "612",
    "_UID": "991",
    "_GID": "991",
    "_COMM": "reading-corner",
    "_EXE": "/usr/bin/python3.11",
    "_CMDLINE": "/opt/reading-corner/bin/python /opt/reading-corner/bin/reading-corner run",
    "_CAP_EFFECTIVE": "0",
    "_SYSTEMD_CGROUP": "/system.slice/reading-corner.service",
    "_SYSTEMD_UNIT": "reading-corner.service",
    "_SYSTEMD_SLICE": "system.slice",
    "_SYSTEMD_INVOCATION_ID": "7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a",
    "_SELINUX_CONTEXT": "unconfined\n",
    "_RUNTIME_SCOPE": "system",
}


def story():
    """When what is noted, in order: moments in seconds, and notes."""
    chance = random.Random(4)
    notes = [
        (float(at), [("link", {**DOWN[1], "failure": "planned"}), UP]) for at in range(0, 30 * DAY_S, PLANNED_EVERY_S)
    ]
    for day in DAYS:
        begin = day * DAY_S + MORNING_S
        notes += [(begin, [("hours", {"open": True})]), (begin + LESSONS_S, [("hours", {"open": False})])]
        notes += [(chance.uniform(0, DAY_S) + day * DAY_S, [DOWN, DOWN, UP]) for _ in range(OUTAGES_A_DAY)]
        if day % 7 < 5:  # 22 school days
            notes += [(begin + chance.uniform(0, LESSONS_S), [turn(chance)]) for _ in range(TURNS_A_DAY)]
            notes += [(begin + chance.uniform(0, LESSONS_S), unanswered) for _ in range(2)]
            notes.append((begin + 1, [health("answers begin after 4200 ms (p50): relay or network", 90), health()]))
        if day % 7 == 2:
            notes.append(
                (begin + 2, [device(found=False), device(found=True), board("power"), board("power", wrong=False)])
            )
    return sorted(notes, key=lambda note: note[0])


unanswered = [
    ("unanswered", {"turn": 9, "why": "ReplyFailed"}),
    ("prompt", {"name": "not-connected"}),
    ("dropped", {"turn": 9, "ms": 4200}),
]


def turn(chance):
    """No two have the same numbers: journald keeps equal values once."""
    numbers = replace(
        HEARD,
        turn=chance.randrange(900),
        release_to_sound_ms=chance.randrange(300, 3000),
        start_delay_ms=chance.randrange(3, 30),
        stalled_ms=chance.choice([0, 0, 0, chance.randrange(20, 400)]),
        concealed_ms=chance.randrange(60),
        round_trip_ms=chance.randrange(20, 90),
    )
    return "turn", numbers.as_facts()


def month(least=Priority.INFO):
    """The lines of a month, each with its moment in seconds."""
    paper, lines = Paper(least), []
    for at, notes in story():
        paper.now = at
        paper.note(*notes)
        lines += [(at, line) for line in paper.lines]
        paper.lines.clear()
    return lines


def exported(lines):
    """The export format (systemd's docs/JOURNAL_EXPORT_FORMATS.md)."""
    for number, (at, (message, fields)) in enumerate(lines):
        moment = EPOCH_US + int(at * 1e6) + number
        own = {
            "__REALTIME_TIMESTAMP": str(moment),
            "__MONOTONIC_TIMESTAMP": str(moment - EPOCH_US),
            "_SOURCE_REALTIME_TIMESTAMP": str(moment - 40),
        }
        entry = {**own, **TRUSTED, "MESSAGE": message, **fields}
        yield b"".join(_field(name, value.encode()) for name, value in entry.items()) + b"\n"


def _field(name, value):
    if b"\n" in value:
        return name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
    return name.encode() + b"=" + value + b"\n"


def size_of(lines, folder):
    """Bytes of the file that were written to, of the 8 MB pieces in which journald lays it out."""
    folder.mkdir(exist_ok=True)
    file = folder / "month.journal"
    command = [REMOTE, "--output", file, "-"]
    subprocess.run(command, input=b"".join(exported(lines)), capture_output=True, check=True, timeout=25)
    return _used(file)


def _used(file):
    """Where the last object ends (systemd's docs/JOURNAL_FILE_FORMAT.md: tail_object_offset, and the object's size)."""
    with file.open("rb") as journal:
        journal.seek(136)
        (tail,) = struct.unpack("<Q", journal.read(8))
        journal.seek(tail + 8)
        return tail + struct.unpack("<Q", journal.read(8))[0]


def main():
    lines = month()
    with tempfile.TemporaryDirectory() as folder:
        whole = size_of(lines, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        empty = size_of(lines[:1], Path(folder))
    used, ids = whole - empty, {line.message_id: line.name.lower() for line in Line}
    kinds = Counter(ids[fields["MESSAGE_ID"]] for _, (_, fields) in lines)
    sys.stdout.write(f"{len(lines)} lines, {used / 1e6:.2f} MB, {used / len(lines):.0f} bytes a line, ")
    sys.stdout.write(f"beside {empty / 1e6:.2f} MB of tables in each file\n")
    sys.stdout.write("".join(f"{count:6} {kind}\n" for kind, count in kinds.most_common()))


if __name__ == "__main__":
    main()
