"""The button's shell: edges from any thread and looks at the level become presses and releases on the loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from agent.devices.ports import Button
from agent.panel.press import Fact, Press
from agent.units import Seconds

SOONEST_LOOK_S: Final = 0.001
"""A clock read a hair before the moment to look must not make us look again and again until it comes."""


class Hand:
    """
    Watches the button.

    Threads: edges may come on any; all else is the event loop's.

    Args:
        button: Watched from now on.
        clock: Monotonic, the one that edges are stamped with.
        moved: Told presses, releases and a stuck button, on the loop.

    """

    def __init__(self, button: Button, clock: Callable[[], Seconds], moved: Callable[[Fact], None]) -> None:
        self._button, self._clock, self._moved = button, clock, moved
        self._press = Press()
        self._touched = asyncio.Event()

    async def run(self) -> None:
        """Watch until cancelled."""
        loop = asyncio.get_running_loop()

        def edge(down: bool, at: Seconds) -> None:
            loop.call_soon_threadsafe(self._edge, down, at)

        # The first look comes first: a button that is down at start is a fault, not a press.
        self._look()
        self._button.watch(edge)
        while True:
            now = self._clock()
            # An edge moves the next look nearer: a release within the debounce of its press is told by no edge.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(SOONEST_LOOK_S, self._press.wants_look_at(now) - now)):
                    await self._touched.wait()
            self._touched.clear()
            self._look()

    def _edge(self, down: bool, at: Seconds) -> None:
        self._tell(self._press.edge(down, at))
        self._touched.set()

    def _look(self) -> None:
        self._tell(self._press.look(self._button.is_down(), self._clock()))

    def _tell(self, fact: Fact | None) -> None:
        if fact is not None:
            self._moved(fact)
