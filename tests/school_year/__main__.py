"""
Live a part of a school year and print its figures, or the story of what failed.

    python -m tests.school_year SEED FIRST_DAY DAYS

1 0 364 is the year of `pytest -m long tests/test_school_year.py`.
"""

from __future__ import annotations

import sys
import tempfile
import time

from tests.school_year.journal_size import LinesOnDisk
from tests.school_year.year import figures_of, lived


def main():
    seed, first_day, days = map(int, sys.argv[1:])
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as file:
        lines = LinesOnDisk(file)
        year = lived(seed, first_day, days, send=lines.send)
        size = lines.size()
    sys.stdout.write(figures_of(year))
    sys.stdout.write(f"journal: {size.entries} lines, {size.bytes / 1e6:.2f} MB\n")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
