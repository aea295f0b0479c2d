"""
Write journald's catalogue: `python -m agent.journal.catalog systemd/reading-corner.catalog`.

Format: systemd's docs/CATALOG.md. The Spanish entries are shown where LC_MESSAGES begins with "es".
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Final

from agent.journal.explained import CATALOG, Text
from agent.journal.lines import Line

WIDTH: Final = 76
"""Columns: journalctl puts three of its own before each line."""

HEAD: Final = """\
# What `journalctl -x` says below the lines of reading-corner.
# Written by `python -m agent.journal.catalog`; do not edit.
"""


def catalog() -> str:
    """Every kind of line, in both languages."""
    entries = (
        entry
        for line in Line
        for entry in (
            _entry(line.message_id, CATALOG[line].english),
            _entry(f"{line.message_id} es", CATALOG[line].spanish),
        )
    )
    return "\n".join([HEAD, *entries])


def _entry(key: str, text: Text) -> str:
    body = "\n\n".join(_paragraph(paragraph) for paragraph in text.body.split("\n\n"))
    return f"-- {key}\nSubject: {text.subject}\nDefined-By: reading-corner\n\n{body}\n"


def _paragraph(paragraph: str) -> str:
    if paragraph.startswith(" "):
        return paragraph
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(catalog(), encoding="utf-8")
