"""A loop for years: while nothing happens in the corner, what only looks whether something did looks seldom."""

from __future__ import annotations

import asyncio
import math
import selectors

DOZE_S = 20.0
"""
From look to look while the corner is idle. The ring's pictures (each 80 ms), the looks at the button (each 100 ms) and
the audio steps (each 10 ms) of a year are 10^10 steps that find nothing; every other timer comes at its moment.
Edges of the button and changes of scene wait for no look.
"""

LOOKS = frozenset({"Lights.run", "Hand.run"})
"""The coroutines of the agent that do nothing else."""


class _Selector(selectors.DefaultSelector):
    """
    As that of `tests.clock`, and moving even when there is nothing to wait for: by the least step a float can make.

    From 2 ** 24 s on (194 days) the event loop's tolerance of a nanosecond is less than such a step: a timer due at
    this very moment would never be taken for due, and time would stand still.
    """

    now = 0.0

    def select(self, timeout=None):
        ready = super().select(0)
        if ready or timeout is None:
            return ready or super().select(timeout)
        self.now = max(self.now + timeout, math.nextafter(self.now, math.inf))
        return ready


class DozingLoop(asyncio.SelectorEventLoop):
    """A loop whose time jumps, on which looks are rare while `is_idle` says that nobody would see a difference."""

    def __init__(self):
        self._jumping = _Selector()
        super().__init__(self._jumping)
        self.is_idle = lambda: False

    def time(self):
        return self._jumping.now

    def call_at(self, when, callback, *args, context=None):
        now = self.time()
        if when < now + DOZE_S and self._looks() and self.is_idle():
            when = now + DOZE_S
        return super().call_at(when, callback, *args, context=context)

    def _looks(self):
        task = asyncio.current_task(self)
        return task is not None and task.get_coro().__qualname__ in LOOKS


def dozing(main):
    """Run a coroutine to its end on a dozing loop."""
    with asyncio.Runner(loop_factory=DozingLoop) as runner:
        return runner.run(main)
