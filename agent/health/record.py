"""
What is known of the agent's health at one moment: what `status` shows, the journal keeps and a relay may ask for.

Numbers and names only. `as_json` is the shape that leaves the process; the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from agent.observer import Fact
from agent.units import Seconds


@dataclass(frozen=True, slots=True)
class Now:
    """What the agent is doing; levels are 0 to 1, `depth_ms` is what waits to be played."""

    state: str
    scene: str
    turn: int
    student_level: float
    tutor_level: float
    depth_ms: int


@dataclass(frozen=True, slots=True)
class LinkHealth:
    """The connection; `since_s` is how long it is as it is, `reconnects` counts the unplanned ones since the start."""

    up: bool
    since_s: Seconds
    why: str
    reconnects: int
    round_trip_ms: int | None


@dataclass(frozen=True, slots=True)
class TurnNumbers:
    """
    One turn that is over.

    `end` is heard, interrupted or unanswered. Milliseconds are None when there was nothing to measure; `start_delay_ms`
    is from the reply's first delta to its first sample, `stalled_ms` what was silent in the middle of it.
    """

    turn: int
    end: str
    release_to_sound_ms: int | None = None
    press_to_silence_ms: int | None = None
    start_delay_ms: int | None = None
    stalls: int = 0
    stalled_ms: int = 0
    concealed_ms: int = 0
    underruns: int = 0
    overruns: int = 0
    round_trip_ms: int | None = None

    def as_facts(self) -> dict[str, Fact]:
        """What is known, as the facts of a `turn` note."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Fact]) -> TurnNumbers:
        """Take them back out of a note."""
        known: dict[str, Any] = {field.name: facts[field.name] for field in fields(cls) if field.name in facts}
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles over the last turns; None without any."""

    p50_ms: int | None
    p95_ms: int | None


@dataclass(frozen=True, slots=True)
class TurnsHealth:
    """All turns since the start by their ends, and the last ones, newest last."""

    heard: int
    interrupted: int
    unanswered: int
    dropped: int
    release_to_sound: Spread
    press_to_silence: Spread
    last: tuple[TurnNumbers, ...]


@dataclass(frozen=True, slots=True)
class BoardHealth:
    """
    The machine; None where it does not tell.

    `own_memory_mb` is resident and swapped; the disk is the one that keeps the agent's state.
    """

    temperature_c: float | None
    undervoltage: bool | None
    own_memory_mb: float | None
    free_memory_mb: int | None
    free_disk_mb: int | None
    clock_synchronised: bool | None
    wifi_power_save: bool | None
    disk_read_only: bool | None = None


@dataclass(frozen=True, slots=True)
class HealthRecord:
    """
    Everything at one moment.

    `missing` names the devices that are lost; `score` is 0 to 100 with a reason for each deduction, in words for IT.
    """

    version: str
    up_s: Seconds
    now: Now
    link: LinkHealth
    turns: TurnsHealth
    board: BoardHealth
    missing: tuple[str, ...]
    score: int
    reasons: tuple[str, ...]

    def as_json(self) -> Mapping[str, object]:
        """The shape of the outside: nested objects, lists, numbers, text and null."""
        return asdict(self)

    def as_facts(self) -> Mapping[str, Fact]:
        """One level of names, such as `turns_heard`, without the last turns: fields of a journal line."""
        return dict(_flat(self.as_json()))


def _flat(tree: Mapping[str, object], above: str = "") -> list[tuple[str, Fact]]:
    flat: list[tuple[str, Fact]] = []
    for name, value in tree.items():
        match value:
            case Mapping():
                flat += _flat(value, f"{above}{name}_")
            case str() | int() | float():
                flat.append((above + name, value))
            case tuple() if name != "last":
                flat.append((above + name, "; ".join(str(item) for item in value)))
            case _:
                pass
    return flat
