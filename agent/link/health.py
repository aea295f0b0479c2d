"""
The two messages about a device's health, known to our relay and our device only, in words of no Realtime vocabulary.

    relay  -> device    device.health.request   {"event_id", "every_s": 60}     0: no more of them
    device -> relay     device.health           {"event_id", "health": {...}}   at once, then as often as asked

A device sends none unasked, so it can live on any relay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from agent.link.fields import of_type
from agent.units import Seconds

REQUEST: Final = "device.health.request"
REPORT: Final = "device.health"

FLOOR: Final = Seconds(10.0)
"""No record comes sooner after another, whoever asks: each costs a Pi some milliseconds, and no table needs more."""

LONGEST: Final = Seconds(86_400.0)
"""A day: sessions live an hour, so that a longer interval is a mistake."""


def request(every: Seconds) -> dict[str, Any]:
    """Ask for a record every so often; 0 for no more."""
    return {"type": REQUEST, "event_id": "event_relay_health", "every_s": every}


def asked(message: str | bytes) -> Seconds | None:
    """How often this message asks for a record, never below the floor, 0 for never; None if it does not ask."""
    event = of_type(message, REQUEST)
    every = event.get("every_s") if event else None
    if isinstance(every, bool) or not isinstance(every, int | float) or not 0 <= every <= LONGEST:
        return None
    return max(FLOOR, Seconds(every)) if every else Seconds(0.0)


def report(record: Mapping[str, object], number: int) -> str:
    """Put a record into words; `number` tells this one from others of its session."""
    words = {"type": REPORT, "event_id": f"rc-health-{number}", "health": record}
    return json.dumps(words, separators=(",", ":"))
