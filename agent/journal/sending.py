"""Where lines go: journald takes fields, a stream takes text."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TextIO

from agent.journal.lines import Priority

Send = Callable[[str, Mapping[str, str]], None]
"""Takes a message and its fields, PRIORITY and MESSAGE_ID among them; raises OSError if nobody takes them."""


def to_stream(stream: TextIO) -> Send:
    """Lines with the syslog priority in front; a traceback follows its line."""

    def send(message: str, fields: Mapping[str, str]) -> None:
        for line in (message, *fields.get("AGENT_TRACEBACK", "").splitlines()):
            print(f"<{fields['PRIORITY']}>{line}", file=stream, flush=True)

    return send


def to_systemd() -> Send:
    """Native fields for journald: these and no others, for `sendv` adds nothing of its own."""
    from systemd.journal import sendv

    def send(message: str, fields: Mapping[str, str]) -> None:
        sendv(f"MESSAGE={message}", *(f"{name}={value}" for name, value in fields.items()))

    return send


def fitting(environ: Mapping[str, str], stream: TextIO | None = None) -> tuple[Send, Priority]:
    """
    Where lines go, and the least that is written there.

    Journald gets everything, for the unit's `LogLevelMax=` says what is kept and a maintainer can change that; a person
    at a terminal can not. Journald it is when `stream` leads there, which JOURNAL_STREAM tells by device and inode; else the stream itself.

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
