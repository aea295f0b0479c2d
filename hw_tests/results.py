"""What was checked and what was not: kept as it happens, told as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

GOOD: Final = "good"
FAILED: Final = "FAILED"
NOT_CHECKED: Final = "not checked"
LEFT_OUT: Final = "left out"
"""Not checked either, but by the wish of whoever ran it (--yes) or set the corner up (`ring.kind = "none"`)."""

INCOMPLETE: Final = 6
"""Exit status when nothing failed and something could not be checked, or nothing was. pytest itself has 0 to 5."""

Measured = Mapping[str, float | int | str | bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One test: `why` says what failed, or why it was not checked; `measured` has units in its names."""

    name: str
    outcome: str
    why: str
    measured: Measured


@dataclass(frozen=True, slots=True)
class Results:
    """A run. `about` is the board, its software, and when."""

    about: Mapping[str, str]
    rows: list[Row] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        """How many tests came to this."""
        return sum(row.outcome == outcome for row in self.rows)

    def status(self, pytests: int) -> int:
        """
        Say with which status to exit, when pytest would say `pytests`.

        0 means: all that ran was good, something ran, and nothing is unknown but what was left out on purpose. A corner
        whose microphone is not plugged in has not been found good, so it does not end in 0.
        """
        unknown = self.count(NOT_CHECKED) or not self.count(GOOD)
        return INCOMPLETE if pytests == 0 and unknown else pytests

    def as_json(self) -> str:
        """For programs, and to keep."""
        counts = {outcome: self.count(outcome) for outcome in (GOOD, FAILED, NOT_CHECKED, LEFT_OUT)}
        whole = {"about": dict(self.about), "counts": counts, "tests": [asdict(row) for row in self.rows]}
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"

    def lines(self) -> Iterator[str]:
        """For people."""
        yield "  ".join(f"{name}: {value}" for name, value in self.about.items())
        why = ""
        for row in self.rows:
            figures = ", ".join(f"{name} {_shown(value)}" for name, value in row.measured.items())
            yield f"{row.outcome:<11}  {row.name}{f'  ({figures})' if figures else ''}"
            if row.why and row.why != why:
                yield f"{'':<13}{row.why}"
            why = row.why
        yield (
            f"{self.count(GOOD)} good, {self.count(FAILED)} failed, {self.count(NOT_CHECKED)} not checked, "
            f"{self.count(LEFT_OUT)} left out on purpose"
        )


def _shown(value: float | str) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
