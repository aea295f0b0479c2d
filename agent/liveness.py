"""Whether what must never stand still moves: each beats, a judge looks how long ago that was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.units import Seconds


class Pulse:
    """
    When something last showed that it is alive.

    Threads: one beats, any may look. Between them is one attribute, replaced whole.
    """

    __slots__ = ("last", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.last: Seconds | None = None
        """The monotonic moment of the last beat; None before the first."""

    def beat(self, at: Seconds) -> None:
        """Be alive."""
        self.last = at


@dataclass(frozen=True, slots=True)
class Stale:
    """It has not moved for so long; if it `moves` again, it had not."""

    name: str
    age: Seconds
    moves: bool = False


class Watch:
    """
    Judges pulses.

    Args:
        pulses: Whose.
        limit: What is older is stale.
        began: When it began to be watched, on the pulses' clock: what never beat is as old as that.

    """

    def __init__(self, pulses: Sequence[Pulse], limit: Seconds, began: Seconds) -> None:
        self._pulses, self._limit, self._began = pulses, limit, began
        self._stale: dict[str, Seconds] = {}
        """Of each that is stale, when it last moved."""

    @property
    def have_all_begun(self) -> bool:
        """Whether each has beaten once."""
        return all(pulse.last is not None for pulse in self._pulses)

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was stale at the last look."""
        return not self._stale

    def look(self, now: Seconds) -> tuple[Stale, ...]:
        """Judge; return what has become stale since the last look, and what moves again."""
        before, moved = self._stale, {pulse.name: self._moved(pulse) for pulse in self._pulses}
        self._stale = {name: at for name, at in moved.items() if now - at > self._limit}
        begun = [Stale(name, Seconds(now - at)) for name, at in self._stale.items() if name not in before]
        over = [Stale(name, Seconds(now - at), moves=True) for name, at in before.items() if name not in self._stale]
        return (*begun, *over)

    def _moved(self, pulse: Pulse) -> Seconds:
        return self._began if pulse.last is None else pulse.last


def beating(pulse: Pulse, step: Callable[[], None], clock: Callable[[], Seconds]) -> Callable[[], None]:
    """Make a step that beats each time it was done."""

    def done() -> None:
        step()
        pulse.beat(clock())

    return done
