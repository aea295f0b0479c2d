"""Where lines go: journald takes fields, a stream takes text."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TextIO

from agent.journal.lines import Priority

Send = Callable[[str, Mapping[str, str]], None]
"""Takes a message and its fields, PRIORITY and MESSAGE_ID among them; raises OSError if nobody takes them."""

JOURNALD: Final = Path("/run/systemd/journal/socket")

SIZE_BYTES: Final = 8
"""Of the length, little-endian, that stands before a value of several lines."""


def to_stream(stream: TextIO) -> Send:
    """Lines with the syslog priority in front; a traceback follows its line."""

    def send(message: str, fields: Mapping[str, str]) -> None:
        for line in (message, *fields.get("AGENT_TRACEBACK", "").splitlines()):
            print(f"<{fields['PRIORITY']}>{line}", file=stream, flush=True)

    return send


def to_systemd(journald: Path = JOURNALD) -> Send:
    """
    Native fields for journald (systemd's docs/JOURNAL_NATIVE_PROTOCOL.md): these and no others.

    Never waits, where systemd's own library does: a journald that hangs on a dying card takes 512 lines more
    (net.unix.max_dgram_qlen), and the next one would stop the event loop until the watchdog ends it, again and again.
    """

    def send(message: str, fields: Mapping[str, str]) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sending:
            sending.sendto(b"".join(_native({"MESSAGE": message, **fields})), os.fspath(journald))

    return send


def _native(fields: Mapping[str, str]) -> Iterator[bytes]:
    for name, text in fields.items():
        value = text.encode("utf-8", "replace")
        if b"\n" in value:
            yield b"%s\n%s%s\n" % (name.encode(), len(value).to_bytes(SIZE_BYTES, "little"), value)
        else:
            yield b"%s=%s\n" % (name.encode(), value)


def fitting(environ: Mapping[str, str], stream: TextIO | None = None) -> tuple[Send, Priority]:
    """
    Where lines go, and the least that is written there.

    Journald gets everything, for the unit's `LogLevelMax=` says what is kept and a maintainer can change that; a person
    at a terminal can not. Journald it is when `stream` leads there, which JOURNAL_STREAM tells by device and inode;
    else the stream itself.

    Args:
        environ: Of the process.
        stream: Standard error, if none is given.

    """
    stream = stream or sys.stderr
    try:
        leads_to = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return to_stream(stream), Priority.INFO
    is_journal = environ.get("JOURNAL_STREAM") == f"{leads_to.st_dev}:{leads_to.st_ino}"
    return (to_systemd(), Priority.DEBUG) if is_journal else (to_stream(stream), Priority.INFO)
