"""Everything that runs, and how it ends: tasks on the event loop, steps on threads, and the way from these to it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from agent.threads import repeating

Part = Callable[[], Coroutine[Any, Any, None]]
"""What runs beside the others on the loop until it is cancelled; one that returns is missed by nobody."""

Steps = Mapping[str, Callable[[], None]]
"""What is done over and over, by the name of its thread."""

Repeat = Callable[[Steps, Callable[[BaseException], None], Callable[[], None]], AbstractContextManager[None]]
"""Does steps over and over while its context lasts, as `agent.threads.repeating` does."""


class Life:
    """
    One life. Built on the loop.

    Threads: `on_loop` and `failed` may be called by any; all else is the event loop's.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = self._loop.create_future()

    async def live(
        self, parts: Sequence[Part], steps: Steps, wake: Callable[[], None], repeat: Repeat = repeating
    ) -> None:
        """
        Let parts and steps run until the end.

        Args:
            parts: Cancelled at the end, and waited for.
            steps: Told to stop after that.
            wake: Ends the waits of the steps.
            repeat: What does the steps: threads, or whoever owns the time.

        Raises:
            Exception: Whatever ended a part or a step.
            ThreadHangsError: If a step did not end.

        """
        with repeat(steps, self.failed, wake):
            tasks = [self._loop.create_task(part()) for part in parts]
            for task in tasks:
                task.add_done_callback(self._ended)
            try:
                await self._over
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)

    def end(self, trouble: BaseException | None = None) -> None:
        """End, for this trouble or for none; who comes later is not heard."""
        if self._over.done():
            return
        if trouble is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(trouble)

    def failed(self, trouble: BaseException) -> None:
        """From a thread: it dies of this."""
        self._loop.call_soon_threadsafe(self.end, trouble)

    def on_loop(self, call: Callable[..., None], *facts: object) -> None:
        """From a thread: have the loop do it. What it raises ends all; the loop alone would log it and go on."""

        def watched() -> None:
            try:
                call(*facts)
            except Exception as bug:  # noqa: BLE001 - whatever it is, an agent that lost speech to it must not go on
                self.end(bug)

        self._loop.call_soon_threadsafe(watched)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception():
            self.end(task.exception())


async def tidy(every: float, is_quiet: Callable[[], bool]) -> None:
    """Collect garbage every so many seconds, at quiet moments, for nobody else does in a life that is undisturbed."""
    while True:
        await asyncio.sleep(every)
        if is_quiet():
            gc.collect()
