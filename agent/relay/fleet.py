"""
All devices of a relay on one page, the worst first.

The records come from devices: what is missing, odd or written by a later version is shown as far as it can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.table import Table

from agent.durations import duration
from agent.link.fields import branch
from agent.units import Seconds

ABSENT_AFTER: Final = 600
"""Seconds without a record, ten requests long, after which a device counts as absent: worse than any score."""

SHOWN: Final = 300
"""Characters of the reasons: as many as fit three lines of a wide terminal."""

COLUMNS: Final = ("device", "version", "score", "link up", "first sound p50/p95", "last seen", "reasons")

LONGEST: Final = 20
"""Characters of a version: as many as tell a release from another."""

NOTHING: Final = "-"

MOST: Final = 2**53
"""Beyond it numbers of JSON are not whole any more, and none of ours is near."""


@dataclass(frozen=True, slots=True)
class Device:
    """One with a valid token: its newest record and when that came, in Unix seconds; None if it never sent one."""

    id: str
    at: int | None = None
    record: Mapping[str, Any] | None = None


def worst_first(devices: Iterable[Device], now: int) -> list[Device]:
    """Those never heard of, the absent ones, then the others by their score."""

    def rank(device: Device) -> tuple[float, int]:
        at = device.at or 0
        return (-1.0 if now - at > ABSENT_AFTER else _number(device.record, "score") or 0.0, at)

    return sorted(devices, key=rank)


def table(devices: Iterable[Device], now: int) -> Table:
    """Draw a line for each device, in their order."""
    drawn = Table(*COLUMNS, box=None, pad_edge=False)
    for column in drawn.columns:
        column.overflow = "fold"
    for device in devices:
        drawn.add_row(*_line(device, now))
    return drawn


def as_json(devices: Iterable[Device]) -> list[dict[str, Any]]:
    """The same for programs: records as they came."""
    return [{"device": device.id, "at": device.at, "health": device.record} for device in devices]


def _line(device: Device, now: int) -> tuple[str, ...]:
    if device.at is None or device.record is None:
        return (printable(device.id), NOTHING, NOTHING, NOTHING, NOTHING, "never", "has not told yet")
    link, turns = branch(device.record, "link"), branch(device.record, "turns")
    up, score, spread = _number(link, "since_s"), _number(device.record, "score"), branch(turns, "release_to_sound")
    return (
        printable(device.id),
        _text(device.record.get("version")),
        NOTHING if score is None else f"{score:.0f}",
        NOTHING if up is None else duration(Seconds(up)),
        f"{_milliseconds(spread, 'p50_ms')} / {_milliseconds(spread, 'p95_ms')}",
        f"{duration(Seconds(now - device.at))} ago",
        _reasons(device.record.get("reasons")),
    )


def _text(told: object) -> str:
    return printable(told)[:LONGEST] if isinstance(told, str) and told else NOTHING


def _reasons(told: object) -> str:
    words = [reason for reason in told if isinstance(reason, str)] if isinstance(told, list) else []
    return printable("; ".join(words))[:SHOWN]


def _milliseconds(spread: Mapping[str, Any], which: str) -> str:
    value = _number(spread, which)
    return NOTHING if value is None else f"{value:.0f} ms"


def _number(holder: Mapping[str, Any] | None, key: str) -> float | None:
    value = holder.get(key) if holder else None
    return float(value) if isinstance(value, int | float) and abs(value) < MOST else None


def printable(text: str) -> str:
    """What a terminal may be given: a device could write orders to it into its own name for a fault."""
    return "".join(character for character in text if character.isprintable())
