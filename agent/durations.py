"""How long something lasts, for people."""

from __future__ import annotations

from agent.units import Seconds

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def duration(seconds: Seconds) -> str:
    """Two units of it at most, rounded down, such as "3 h 12 min"."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return _both(f"{whole // HOUR} h", whole % HOUR // MINUTE, "min")
    return _both(f"{whole // DAY} d", whole % DAY // HOUR, "h")


def _both(large: str, rest: int, small: str) -> str:
    return f"{large} {rest} {small}" if rest else large
