"""Each turn in numbers: notes come by, moments are kept, and when a turn is over there is one more note."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from agent.health.record import TurnNumbers
from agent.observer import Fact, Observer
from agent.units import Seconds

KEPT: Final = 4
"""Turns that are followed at once: the one that is falling silent, the one that interrupts it, and those of an
impatient student. One that never gets a reply (a tap, a second press while thinking) is forgotten by its successors."""

ENDS: Final = {"heard": "heard", "silence": "interrupted", "unanswered": "unanswered"}
"""Kinds of notes that end a turn, and how."""


@dataclass(slots=True)
class _Going:
    """A turn that is not over: when things first happened, and what was counted."""

    numbers: TurnNumbers
    released: Seconds | None = None
    delta: Seconds | None = None
    sound: Seconds | None = None


class Turns:
    """
    An observer that passes every note on, and adds a `turn` note to the one that ends a turn.

    One note for each turn that had a reply or should have had one; what comes of a turn that is over changes nothing.

    Args:
        onward: Told everything.
        clock: Monotonic, for notes that do not say when.

    """

    def __init__(self, onward: Observer, clock: Callable[[], Seconds]) -> None:
        self._onward, self._clock = onward, clock
        self._pressed: Seconds | None = None
        self._going: dict[int, _Going] = {}
        self._over: deque[int] = deque(maxlen=KEPT)

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """Take a fact."""
        self._onward.note(kind, at=at, **facts)
        moment = self._clock() if at is None else at
        if kind == "button" and facts["down"]:
            self._pressed = moment
        elif "turn" in facts and (over := self._taken(int(facts["turn"]), kind, moment, facts)):
            self._onward.note("turn", at=at, **over.as_facts())

    def _taken(self, turn: int, kind: str, at: Seconds, facts: Mapping[str, Fact]) -> TurnNumbers | None:
        """Keep what the note says of its turn; return the numbers if that is its end."""
        if turn in self._over:
            return None
        going = self._followed(turn)
        match kind:
            case "gate" if not facts["open"]:
                going.released = at
            case "delta" if going.delta is None:
                going.delta = at
            case "sound" if going.sound is None:
                going.sound = at
            case "stall" | "played":
                going.numbers = _counted(going.numbers, kind, facts)
            case "heard" | "silence":
                return self._ended(going, kind, at)
            case "unanswered" if going.sound is None:  # else what is audible comes to an end of its own
                return self._ended(going, kind, at)
            case _:
                pass
        return None

    def _followed(self, turn: int) -> _Going:
        going = self._going.setdefault(turn, _Going(TurnNumbers(turn, end="")))
        if len(self._going) > KEPT:
            del self._going[min(self._going)]
        return going

    def _ended(self, going: _Going, kind: str, at: Seconds) -> TurnNumbers:
        turn = going.numbers.turn
        self._going.pop(turn, None)
        self._over.append(turn)
        return replace(
            going.numbers,
            end=ENDS[kind],
            release_to_sound_ms=_between(going.released, going.sound),
            press_to_silence_ms=self._barge_in(going, at) if kind == "silence" else None,
            start_delay_ms=_between(going.delta, going.sound),
        )

    def _barge_in(self, going: _Going, silence: Seconds) -> int | None:
        """None if it was not the student who silenced the reply: the last press was the one that asked for it."""
        if going.sound is None or self._pressed is None or self._pressed < going.sound:
            return None
        return _between(self._pressed, silence)


def _counted(numbers: TurnNumbers, kind: str, facts: Mapping[str, Fact]) -> TurnNumbers:
    if kind == "stall":
        return replace(numbers, stalls=numbers.stalls + 1, stalled_ms=numbers.stalled_ms + int(facts["ms"]))
    trip = facts.get("round_trip_ms")
    return replace(
        numbers,
        concealed_ms=int(facts["concealed_ms"]),
        underruns=int(facts["underruns"]),
        overruns=int(facts["overruns"]),
        round_trip_ms=None if trip is None else int(trip),
    )


def _between(begin: Seconds | None, end: Seconds | None) -> int | None:
    """Milliseconds; None too when they happened the other way round: then the one was not because of the other."""
    return None if begin is None or end is None or end < begin else round((end - begin) * 1000)
