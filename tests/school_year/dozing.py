"""A loop for years: while nothing happens in the corner, what only looks whether something did looks seldom."""

from __future__ import annotations

import asyncio

from tests.clock import JumpingLoop

DOZE_S = 20.0
"""
From look to look while the corner is idle. The ring's pictures (each 80 ms), the looks at the button (each 100 ms) and
the audio steps (each 10 ms) of a year are 10^10 steps that find nothing; every other timer comes at its moment.
Edges of the button and changes of scene wait for no look.
"""

LOOKS = frozenset({"Lights.run", "Hand.run"})
"""The coroutines of the agent that do nothing else."""


class DozingLoop(JumpingLoop):
    """A jumping loop on which looks are rare while `is_idle` says that nobody would see a difference."""

    def __init__(self):
        super().__init__()
        self.is_idle = lambda: False

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
