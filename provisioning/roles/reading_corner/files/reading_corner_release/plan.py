"""What leads from one release to another, and back: steps as values, each of which happens or does not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CURRENT, PREVIOUS, WAY_BACK = "current", "previous", "way-back"

NOTHING: Final = "nothing"
"""Where the way back of the first release leads; no version, as those begin with a digit."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where the links lead: to a version, to NOTHING, or None for no link."""

    current: str | None
    previous: str | None
    way_back: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """Let a link lead to a version, or to NOTHING."""

    link: str
    version: str


@dataclass(frozen=True, slots=True)
class Move:
    """Rename a link, over one that is there."""

    link: str
    to: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove a link, if it is there."""

    link: str


@dataclass(frozen=True, slots=True)
class Rerun:
    """Let the service run what `current` leads to now, or stop it if that is nothing."""


@dataclass(frozen=True, slots=True)
class Say:
    """Write a line into the journal, of a kind that is named as in agent/journal/lines.py."""

    event: str
    version: str
    why: str = ""


Step = Point | Move | Drop | Rerun | Say


def change(links: Links, version: str) -> tuple[Step, ...]:
    """Put a release on trial. The way back comes first: there is no moment without one."""
    return Point(WAY_BACK, links.current or NOTHING), Point(CURRENT, version)


def keep(links: Links) -> tuple[Step, ...]:
    """The release on trial has proven itself."""
    end = Drop(WAY_BACK) if links.way_back == NOTHING else Move(WAY_BACK, PREVIOUS)
    return end, Say("release_installed", str(links.current))


def undo(links: Links, why: str) -> tuple[Step, ...]:
    """
    The release on trial has not: go back.

    The way back goes last: until then all of this can be done again. Nothing is said of a release that was not tried,
    or is given up already.
    """
    back = str(links.way_back)
    return (
        *([] if links.current in {None, back} else [Say("release_rolled_back", str(links.current), why)]),
        Drop(CURRENT) if back == NOTHING else Point(CURRENT, back),
        Rerun(),
        Drop(WAY_BACK),
    )
