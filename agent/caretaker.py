"""
What runs beside the agent on a device: its health once a minute, the status socket, the school bell.

None of it takes part in a conversation; without it the agent would teach just as well, and nobody would know.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from agent import __version__
from agent.app import Agent
from agent.bell import Bell, wall_clock
from agent.board.readings import clock_synchronised
from agent.health.board import Board
from agent.health.monitor import Monitor, Outgrown
from agent.health.tally import Tally
from agent.life import Part
from agent.observer import Observer
from agent.school_hours import school_hours
from agent.settings import Settings
from agent.status.server import serve
from agent.status.words import socket_path
from agent.units import Seconds

ROOT: Final = Path("/")

AGAIN_S: Final = 60.0
"""After so long what broke beside the agent is begun anew: a monitor misses one look, a line a minute harms nobody."""


class Caretaker:
    """
    Looks after one agent. Event loop only.

    Args:
        settings: Of the agent.
        environ: STATE_DIRECTORY and RUNTIME_DIRECTORY, as systemd sets them.
        observer: Told of health and board; `tally` hears what it hears.
        tally: What was so far.
        clock: Monotonic.

    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        observer: Observer,
        tally: Tally,
        clock: Callable[[], Seconds],
    ) -> None:
        self._settings, self._environ, self._observer = settings, environ, observer
        self._tally, self._clock = tally, clock
        self._monitor: Monitor | None = None

    def health(self) -> Mapping[str, object]:
        """How the corner is, for a relay that asks; nothing before there is an agent."""
        return self._monitor.record().as_json() if self._monitor else {}

    def parts(self, agent: Agent) -> tuple[Part, ...]:
        """What to run beside this agent."""
        self._monitor = monitor = Monitor(
            self._observer,
            self._tally,
            Board(Path(self._environ.get("STATE_DIRECTORY", ROOT))),
            agent.now,
            lambda: agent.session.is_resting,
            version=__version__,
            metrics_file=self._settings.metrics_file,
            clock=self._clock,
            wall_clock=time.time,
        )
        hours = self._settings.hours
        bell = Bell(school_hours(hours.open), agent.tell, wall_clock(hours.timezone), lambda: clock_synchronised(ROOT))
        status = partial(serve, socket_path(self._environ), monitor.record, self._trouble)
        named: dict[str, Part] = {"monitor": monitor.run, "status socket": status, "school bell": bell.run}
        return tuple(partial(unharmed, name, part) for name, part in named.items())

    def _trouble(self, why: str) -> None:
        self._observer.note("trouble", name=why)


async def unharmed(name: str, part: Part) -> None:
    """
    Run a part that nobody needs to teach: when it breaks, that is logged, and after a while it is begun anew.

    Raises:
        Outgrown: What it raises on purpose.

    """
    while True:
        try:
            return await part()
        except Outgrown:
            raise
        except Exception as trouble:  # noqa: BLE001 - whatever it is, it would break after each restart of the agent too
            context = {"message": f"the {name} broke", "exception": trouble}
            asyncio.get_running_loop().call_exception_handler(context)
        await asyncio.sleep(AGAIN_S)
