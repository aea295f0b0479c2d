"""
What the service manager is told: ready, how things are in a sentence, and that everything moves, as long as it does.

`READY=1` waits for the ring and for the first attempt to open the cards, never for the relay: a school without a
network must not be a service that fails to start.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from agent.liveness import Pulse, Stale, Watch
from agent.observer import Fact
from agent.standing import Standing
from agent.units import Seconds

Notify = Callable[[str], None]
"""Takes lines as `READY=1` (sd_notify(3)). Threads: any."""

USUAL_PATIENCE: Final = Seconds(20)
"""`WatchdogSec=` of the unit, for when nobody says how long the watchdog waits."""

SHARE: Final = 4
"""Of the watchdog's patience: what does not move for a quarter of it is named, then three quarters are left to read it.
And the watchdog is told as often, which leaves room for two that come late (sd_watchdog_enabled(3) asks for one)."""

LOOK: Final = Seconds(1.0)
"""How often the pulses are looked at: a healthy loop is never late by as much, and it costs nothing."""

SOON: Final = Seconds(0.05)
"""How often before the agent is ready: a part of the second that it takes to start."""


def to_systemd(environ: Mapping[str, str]) -> Notify:
    """The service manager that started us; nobody if none did."""
    if not environ.get("NOTIFY_SOCKET"):
        return lambda _lines: None
    import systemd.daemon

    def notify(lines: str) -> None:
        with contextlib.suppress(OSError):  # a manager that can not be reached will judge by that; we go on
            systemd.daemon.notify(lines)

    return notify


def every(environ: Mapping[str, str]) -> Seconds:
    """How often the service manager's watchdog is to be told that all is well (sd_watchdog_enabled(3))."""
    microseconds, whose = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(os.getpid()))
    is_ours = microseconds.isdecimal() and int(microseconds) > 0 and whose == str(os.getpid())
    return Seconds((int(microseconds) / 1e6 if is_ours else USUAL_PATIENCE) / SHARE)


class Herald:
    """
    Tells the service manager. Event loop only, as an observer and as a part of the agent.

    Args:
        notify: Takes the lines.
        every: How often the watchdog is told, and after how long what does not move is stale.
        clock: Monotonic.
        ready: Called once, when the service manager is told that.
        stale: Takes what has just become stale, and what moves again; in between the watchdog is told nothing. Notes of
            it come back here as all others do.

    """

    def __init__(
        self,
        notify: Notify,
        every: Seconds,
        clock: Callable[[], Seconds],
        ready: Callable[[], None],
        stale: Callable[[Stale], None],
    ) -> None:
        self._notify, self._every, self._clock = notify, every, clock
        self._ready, self._stale = ready, stale
        self._standing, self.told = Standing(), ""
        """How things are, as the service manager was told last. Threads: any may look."""
        self.heart = Pulse("loop")
        """Beats as long as `run` comes round: for whoever looks at the loop from outside."""

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """Take a fact; tell how things are if that is news."""
        self._standing.note(kind, at=at, **facts)
        self._tell_standing()

    async def run(self, pulses: Sequence[Pulse]) -> None:
        """Look after these until cancelled."""
        watch = Watch(pulses, self._every, self._clock())
        while not (self._standing.has_scene and watch.have_all_begun):
            self._look(watch)
            await asyncio.sleep(SOON)
        self._notify("READY=1")
        self._ready()
        next_ping = self._clock()
        while True:
            self._look(watch)
            if watch.is_fresh and self._clock() >= next_ping:
                self._notify("WATCHDOG=1")
                next_ping = Seconds(self._clock() + self._every)
            await asyncio.sleep(min(LOOK, self._every))

    def _look(self, watch: Watch) -> None:
        now = self._clock()
        self.heart.beat(now)
        for stale in watch.look(now):
            self._stale(stale)
        self._tell_standing()

    def _tell_standing(self) -> None:
        if self._standing.sentence != self.told:
            self.told = self._standing.sentence
            self._notify(f"STATUS={self.told}")
