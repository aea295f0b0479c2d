"""
When school is on: hours that a person wrote, and which minute of the week falls within them.

The week begins on Monday at 0:00, local time; its minutes are numbered from 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from agent.errors import BadInput

KEY: Final = "hours.open"
EXPECTED: Final = "text 'DAYS HH:MM-HH:MM', as 'mon-fri 07:00-15:30' or 'sat 08:00-12:00'"

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY: Final = 24 * 60
WEEK: Final = len(DAYS) * DAY
"""Minutes."""

_WRITTEN: Final = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d?):(\d\d)-(\d\d?):(\d\d)", re.ASCII)

Span = tuple[int, int]
"""The first minute of the week that is open, and the first that is not any more."""


@dataclass(frozen=True, slots=True)
class SchoolHours:
    """All that is open in a week; always, if nothing was written."""

    spans: tuple[Span, ...]

    def is_open(self, minute: int) -> bool:
        """Whether school is on in this minute of the week."""
        return not self.spans or any(begin <= minute < end for begin, end in self.spans)

    def next_change(self, minute: int) -> int | None:
        """How many minutes after this minute of the week school begins or ends, at least 1; None if it never does."""
        ahead = sorted((edge - minute - 1) % WEEK + 1 for span in self.spans for edge in span)
        is_open = self.is_open(minute)
        return next((after for after in ahead if self.is_open((minute + after) % WEEK) != is_open), None)


def school_hours(written: Iterable[str]) -> SchoolHours:
    """
    Read hours; what overlaps counts once.

    Raises:
        BadInput: If one of them says no time of a week.

    """
    return SchoolHours(tuple(span for text in written for span in spans(text)))


def spans(text: str) -> tuple[Span, ...]:
    """
    Read one line of hours: a span for each of its days.

    Raises:
        BadInput: If it says no time of a week: an unknown day, days or times that go backwards.

    """
    parts = _WRITTEN.fullmatch(text)
    if parts is None:
        raise BadInput(KEY, repr(text), EXPECTED)
    first, last, *times = parts.groups(default="")
    days = _days(first, last or first)
    from_hour, from_minute, to_hour, to_minute = map(int, times)
    begin, end = 60 * from_hour + from_minute, 60 * to_hour + to_minute
    if not days or max(from_minute, to_minute) >= 60 or not begin < end <= DAY:
        raise BadInput(KEY, repr(text), EXPECTED)
    return tuple((day * DAY + begin, day * DAY + end) for day in days)


def _days(first: str, last: str) -> range:
    """By their numbers; empty if one is unknown or they go backwards."""
    if first not in DAYS or last not in DAYS:
        return range(0)
    return range(DAYS.index(first), DAYS.index(last) + 1)
