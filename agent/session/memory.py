"""
What was said and heard in the last turns, as text, to seed a new session after a reconnect.

In memory only, never written or logged; the oldest turn is forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from agent.units import Part, Turn

TURNS_KEPT = 4
"""A child's thread of thought; more would cost tokens at every reconnect and bring back what is stale."""

CHARACTERS_KEPT = 2_000
"""Of one part: about two minutes of speech. Bounds what a chatty service can make us keep."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One thing that was said and heard."""

    by_student: bool
    text: str


@dataclass(slots=True)
class _Said:
    text: str = ""
    samples: int = 0


@dataclass(slots=True)
class _Exchange:
    item_id: str = ""
    student: str = ""
    tutor: dict[Part, _Said] = field(default_factory=dict)


class Memory:
    """The last turns as the student lived them: an interrupted reply only as far as it was heard."""

    def __init__(self) -> None:
        self._turns: OrderedDict[Turn, _Exchange] = OrderedDict()

    def committed(self, turn: Turn, item_id: str) -> None:
        """Link a turn to the item that its speech became."""
        self._of(turn).item_id = item_id

    def transcribed(self, item_id: str, text: str) -> None:
        """Keep what the service understood of a student's item, if we know whose turn that was."""
        for exchange in self._turns.values():
            if item_id and exchange.item_id == item_id:
                exchange.student = text[:CHARACTERS_KEPT]

    def words(self, turn: Turn, part: Part, text: str) -> None:
        """Add some words of a reply."""
        said = self._of(turn).tutor.setdefault(part, _Said())
        said.text = (said.text + text)[:CHARACTERS_KEPT]

    def sounded(self, turn: Turn, part: Part, samples: int) -> None:
        """So much more audio of a part has come."""
        self._of(turn).tutor.setdefault(part, _Said()).samples += samples

    def cut(self, part: Part, samples: int) -> None:
        """Only so many samples of a part were heard: keep the words that fit that share of its audio."""
        for exchange in self._turns.values():
            said = exchange.tutor.get(part)
            if said and samples < said.samples:
                head = said.text[: len(said.text) * samples // said.samples]
                said.text = head[: head.rfind(" ") + 1].rstrip()

    def forget(self, turn: Turn) -> None:
        """Forget a turn that has to be taken again from its beginning."""
        self._turns.pop(turn, None)

    def heard(self) -> tuple[Remembered, ...]:
        """What was said and heard, oldest first."""
        said = []
        for exchange in self._turns.values():
            said.append(Remembered(by_student=True, text=exchange.student.strip()))
            said.append(
                Remembered(by_student=False, text=" ".join(said.text for said in exchange.tutor.values()).strip())
            )
        return tuple(one for one in said if one.text)

    def _of(self, turn: Turn) -> _Exchange:
        exchange = self._turns.setdefault(turn, _Exchange())
        while len(self._turns) > TURNS_KEPT:
            self._turns.popitem(last=False)
        return exchange
