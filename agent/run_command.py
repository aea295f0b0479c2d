"""`reading-corner run`: the agent on the device, as systemd starts it."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from agent import __version__
from agent.app import Agent, monotonic
from agent.caretaker import Caretaker
from agent.devices import raspberry_pi
from agent.devices.ports import Devices
from agent.errors import BadInput, DeviceError
from agent.health.monitor import Outgrown
from agent.health.tally import Tally
from agent.health.turns import Turns
from agent.journal import Journal, Line, Priority, broken, fitting, listen_to_libraries
from agent.link.dialler import dialler
from agent.link.reporting import reporting
from agent.link.resolving import ResolvingLoop
from agent.link.rotating import rotating
from agent.link.token import keep_token, redact
from agent.link.transport import Transport
from agent.liveness import Stale, Watch
from agent.memory import lock_pages
from agent.notify import Herald, Notify, every, to_systemd
from agent.observer import Several
from agent.settings import Settings
from agent.settings_sources import load
from agent.threads import ThreadHangsError
from agent.units import Seconds
from agent.warden import on_guard

FAILED: Final = 1
BAD_INPUT: Final = 2

STDERR: Final = 2
"""The descriptor: the journal's, whatever `sys.stderr` is."""

Dial = Callable[[], Awaitable[Transport]]

Open = Callable[[Settings, Callable[[], Seconds]], AbstractContextManager[Devices]]
"""Opens the devices, and closes them at the end; raises DeviceError if there is no button or no ring."""


def run(file: Path | None, environ: Mapping[str, str], opening: Open = raspberry_pi.devices) -> int:
    """
    Be an agent until told to stop; the exit status is 0, 1 when it died, 2 for settings that are not usable.

    The journal says why it ended; systemd starts it again, later and later, so that what was put right is found.
    """
    faulthandler.enable(STDERR)  # the watchdog's SIGABRT prints where every thread is
    lock_pages()
    send, least = fitting(environ, sys.stderr)
    journal, notify = Journal(send, monotonic, least), to_systemd(environ)
    try:
        settings = load(file, environ)
        settings.relay_url()
        dial = dialler(settings, environ, monotonic)
    except BadInput as bad:
        journal.say(Line.BAD_SETTINGS, Priority.ERROR, f"settings not usable: {bad}", what=str(bad))
        notify(f"STATUS=Settings not usable: {redact(str(bad))}")
        return BAD_INPUT
    with listen_to_libraries(journal), asyncio.Runner(loop_factory=ResolvingLoop) as runner:
        return runner.run(_Run(settings, environ, dial, journal, notify).live(opening))


class _Run:
    """
    The agent as a service.

    Threads: `_asked`, `_look` and `_leave` are the warden's, and go past the loop; everything else is the event loop's.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], dial: Dial, journal: Journal, notify: Notify
    ) -> None:
        self._settings, self._journal, self._notify = settings, journal, notify
        self._herald = Herald(notify, every(environ), monotonic, self._ready, self._stale)
        tally = Tally(monotonic)
        self._observer = Turns(Several(journal, tally, self._herald), monotonic)
        self._caretaker = Caretaker(settings, environ, self._observer, tally, monotonic)
        keep = partial(keep_token, file=settings.relay.token_file, environ=environ)
        self._dial = reporting(rotating(dial, keep, self._token_kept), self._caretaker.health)
        self._outside = Watch([self._herald.heart], every(environ), monotonic())
        self._is_asked = False
        self._farewell: asyncio.Task[None] | None = None

    async def live(self, opening: Open) -> int:
        """Open the devices, be the agent, close them; return the exit status."""
        try:
            with opening(self._settings, monotonic) as devices:
                return await self._be(devices)
        except DeviceError as trouble:
            self._journal.say(
                Line.DEVICE_LOST, Priority.ERROR, f"no agent without it: {trouble}", which="button or ring"
            )
            self._notify(f"STATUS={trouble}")
            return FAILED

    async def _be(self, devices: Devices) -> int:
        agent = Agent(devices, self._dial, self._settings, self._observer)
        self._journal.say(Line.STARTED, Priority.INFO, f"reading-corner {__version__} started", version=__version__)
        try:
            with on_guard(partial(self._asked, agent, asyncio.get_running_loop()), self._leave, self._look):
                await agent.run(beside=[partial(self._herald.run, agent.pulses), *self._caretaker.parts(agent)])
        except ThreadHangsError as hanging:
            self._hangs(hanging, devices)
        except Outgrown as outgrown:
            self._journal.say(Line.STOPPED, Priority.WARNING, str(outgrown))
            return FAILED
        except Exception as trouble:  # noqa: BLE001 - whatever it is, the journal shall know
            self._died(trouble)
            return FAILED
        self._journal.say(Line.STOPPED, Priority.INFO, "stopped")
        return 0

    def _asked(self, agent: Agent, loop: asyncio.AbstractEventLoop) -> None:
        self._is_asked = True
        self._notify("STOPPING=1")

        def stop() -> None:
            self._farewell = loop.create_task(agent.stop())

        loop.call_soon_threadsafe(stop)

    def _look(self) -> None:
        """Name a loop that stands still: it can not do so itself, nor tell those observers that are its own."""
        for stale in self._outside.look(monotonic()):
            self._journal.note("stale", name=stale.name, age_s=round(stale.age, 1), moves=stale.moves)
            self._notify(f"STATUS={self._herald.told if stale.moves else f'Stands still: {stale.name}.'}")

    def _leave(self) -> None:
        self._journal.say(Line.STOPPED, Priority.WARNING, "stopped, but something did not end in time")
        _exit(0)

    def _token_kept(self, trouble: OSError | None) -> None:
        self._observer.note("token", kept=trouble is None, why=(trouble.strerror or "") if trouble else "")

    def _ready(self) -> None:
        self._journal.say(Line.READY, Priority.INFO, "ready")

    def _stale(self, stale: Stale) -> None:
        self._observer.note("stale", name=stale.name, age_s=round(stale.age, 1), moves=stale.moves)

    def _hangs(self, hanging: ThreadHangsError, devices: Devices) -> NoReturn:
        """Leave a thread behind, and all that it may hold: to close a card that somebody is stuck in may never end."""
        devices.ring.close()
        if self._is_asked:
            self._journal.say(Line.STOPPED, Priority.WARNING, f"stopped, but {hanging}")
            _exit(0)
        self._died(hanging)
        _exit(FAILED)

    def _died(self, trouble: Exception) -> None:
        what = f"died of {type(trouble).__name__}"
        self._journal.say(Line.DIED, Priority.ERROR, what, **broken(trouble))
        self._notify(f"STATUS={what.capitalize()}.")


def _exit(status: int) -> NoReturn:
    """Say where every thread is, and be gone without waiting for any."""
    faulthandler.dump_traceback(STDERR)
    sys.stderr.flush()
    os._exit(status)
