"""A health record out of its JSON."""

from __future__ import annotations

import json
from typing import Any

from agent.errors import AgentError
from agent.health.record import BoardHealth, HealthRecord, LinkHealth, Now, Spread, TurnNumbers, TurnsHealth


class OtherVersion(AgentError):
    """The agent that runs is older or newer than this command: an update waits for its restart."""


def read(line: str) -> HealthRecord:
    """
    Take what the agent told.

    Raises:
        OtherVersion: If it is not the record that this version knows.

    """
    try:
        told = json.loads(line)
        return HealthRecord(
            **{
                **told,
                "now": Now(**told["now"]),
                "link": LinkHealth(**told["link"]),
                "turns": _turns(told["turns"]),
                "board": BoardHealth(**told["board"]),
                "missing": tuple(told["missing"]),
                "reasons": tuple(told["reasons"]),
            }
        )
    except (ValueError, TypeError, KeyError):
        raise OtherVersion("the agent that runs is of another version: sudo systemctl restart reading-corner") from None


def _turns(told: dict[str, Any]) -> TurnsHealth:
    spreads = {name: Spread(**told[name]) for name in ("release_to_sound", "press_to_silence")}
    return TurnsHealth(**{**told, **spreads, "last": tuple(TurnNumbers(**turn) for turn in told["last"])})
