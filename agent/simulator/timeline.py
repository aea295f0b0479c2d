"""What happened when, in one simulation: facts as records, loudness as levels; numbers and names, never content."""

from __future__ import annotations

import enum
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from agent.errors import BadInput
from agent.observer import Fact
from agent.units import Seconds

LEVELS_KEPT = 360_000
"""Of each device: one hour of 10 ms periods. A picture of more would show nothing."""


class Which(enum.Enum):
    """Where a level was taken."""

    MICROPHONE = "microphone"
    SPEAKER = "speaker"


@dataclass(frozen=True, slots=True)
class Record:
    """One fact; `facts` holds no words, no sound and nobody's name or number."""

    at_ms: float
    kind: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Level:
    """How loud one period was, in dB below full scale (0 is the loudest)."""

    at_ms: float
    dbfs: float


class Timeline:
    """
    Collect records and levels on one time axis that begins when it is made.

    Threads: `note`, `follow` and the readers are for the event loop only. `level` is for one audio thread per
    device; between that thread and the loop is one deque.
    """

    def __init__(self, clock: Callable[[], Seconds]) -> None:
        self._clock = clock
        self._start = clock()
        self._records: list[Record] = []
        self._levels: dict[Which, deque[tuple[Seconds, float]]] = {which: deque(maxlen=LEVELS_KEPT) for which in Which}
        self._listeners: list[Callable[[Record], None]] = []

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """Add a record; `at` is the clock's moment when that was not now (an audio thread saw it)."""
        record = Record(self._ms(self._clock() if at is None else at), kind, MappingProxyType(facts))
        self._records.append(record)
        for listener in self._listeners:
            listener(record)

    def follow(self, listener: Callable[[Record], None]) -> None:
        """Tell every record from now on, as soon as it is noted."""
        self._listeners.append(listener)

    def level(self, which: Which, dbfs: float) -> None:
        """Add how loud the period is that moves now. Threads: the audio thread of that device."""
        self._levels[which].append((self._clock(), dbfs))

    def records(self) -> tuple[Record, ...]:
        """All of them so far, in the order in which they happened."""
        return tuple(sorted(self._records, key=lambda record: record.at_ms))

    def levels(self, which: Which) -> tuple[Level, ...]:
        """Those of the last hour, oldest first."""
        return tuple(Level(self._ms(at), dbfs) for at, dbfs in self._levels[which].copy())

    def _ms(self, at: Seconds) -> float:
        return round((at - self._start) * 1000, 2)

    def write(self, file: Path) -> None:
        """
        Write the records as JSON lines: `at_ms`, `kind`, then the facts. Levels are for the picture only.

        Raises:
            BadInput: If the file can not be written.

        """
        lines = (json.dumps({"at_ms": r.at_ms, "kind": r.kind, **r.facts}, ensure_ascii=False) for r in self.records())
        try:
            file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        except OSError as error:
            raise BadInput(str(file), str(error.strerror).lower(), "a file that can be written") from None
