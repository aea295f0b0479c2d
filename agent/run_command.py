"""`reading-corner run`: the agent on the device, as systemd starts it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from agent import __version__
from agent.app import Agent, monotonic, stop_on_signals
from agent.devices import raspberry_pi
from agent.journal import Journal, Line, Priority, fitting
from agent.link.dialler import dialler
from agent.link.resolving import ResolvingLoop
from agent.settings import Settings
from agent.settings_sources import load


def run(file: Path | None, environ: Mapping[str, str]) -> int:
    """
    Be an agent until told to stop.

    Raises:
        BadInput: If the settings are not usable.
        DeviceError: If there is no button or no ring; microphone and speaker are waited for.

    """
    settings = load(file, environ)
    settings.relay_url()
    with asyncio.Runner(loop_factory=ResolvingLoop) as runner:
        runner.run(_live(settings, environ))
    return 0


async def _live(settings: Settings, environ: Mapping[str, str]) -> None:
    journal = Journal(fitting(environ), monotonic)
    with raspberry_pi.devices(settings, monotonic) as devices:
        agent = Agent(devices, dialler(settings, environ, monotonic), settings, journal)
        stop_on_signals(agent)
        journal.say(Line.STARTED, Priority.INFO, f"reading-corner {__version__} started", version=__version__)
        try:
            await agent.run()
        except Exception as trouble:
            journal.say(Line.STOPPED, Priority.ERROR, f"died of {type(trouble).__name__}", why=type(trouble).__name__)
            raise
        journal.say(Line.STOPPED, Priority.INFO, "stopped")
