"""A button with a finger that does what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.units import Seconds


class FingerButton:
    """
    A `Button` with two levers: `press` and `release`.

    Threads: `press` and `release` by one at a time; they call the watchers.

    Args:
        clock: Monotonic seconds.
        bounce: When the contact opens and closes again after each press and release, in seconds after it:
            an even number of ascending moments, so that it settles where the finger is.

    """

    def __init__(self, clock: Callable[[], float], bounce: Sequence[float] = ()) -> None:
        if len(bounce) % 2 or list(bounce) != sorted(bounce):
            raise ValueError("a contact that bounces settles where the finger is: an even number, ascending")
        self._clock, self._bounce = clock, tuple(bounce)
        self._watchers: list[Callable[[bool, Seconds], None]] = []
        self._down = False

    def press(self) -> None:
        """Put the finger down; nothing if it is."""
        self._move(down=True)

    def release(self) -> None:
        """Lift the finger; nothing if it is up."""
        self._move(down=False)

    def watch(self, edge: Callable[[bool, Seconds], None]) -> None:
        """Call `edge(down, at)` on each change of level, bounces included."""
        self._watchers.append(edge)

    def is_down(self) -> bool:
        """The level now."""
        return self._down

    def close(self) -> None:
        """Tell nobody any more; closing twice is fine."""
        self._watchers.clear()

    def _move(self, *, down: bool) -> None:
        if down == self._down:
            return
        now = self._clock()
        for after in (0.0, *self._bounce):
            self._down = not self._down
            for edge in self._watchers:
                edge(self._down, Seconds(now + after))
