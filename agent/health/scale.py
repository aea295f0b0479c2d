"""Print what takes points off the health score: `python -m agent.health.scale README.md` rewrites the table there."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.health.score import SCALE
from agent.marks import between

BEGIN = "<!-- health score: written by `python -m agent.health.scale README.md` -->"
END = "<!-- end of health score -->"


def markdown() -> str:
    """The scale as a table."""
    rows = (f"| {one.points} | {one.when} | {one.source} |" for one in SCALE)
    return "\n".join(("| points off | when | why |", "|---|---|---|", *rows))


def replaced(text: str) -> str:
    """
    Put the table of today between its marks.

    Raises:
        ValueError: If the marks are not there.

    """
    return between(text, BEGIN, END, markdown())


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    readme.write_text(replaced(readme.read_text()))
