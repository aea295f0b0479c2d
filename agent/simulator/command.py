"""`reading-corner simulate`: from its arguments to a plan, a timeline, a table and an exit status."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from typing import Final

from rich.console import Console

from agent.app import monotonic
from agent.errors import BadInput
from agent.settings import Settings
from agent.settings_sources import load
from agent.simulator import lesson
from agent.simulator.lesson import Lesson
from agent.simulator.plot import plot
from agent.simulator.report import report, table
from agent.simulator.simulate import KEYBOARD, Plan, simulate
from agent.simulator.timeline import Timeline

LESSON_FAILED: Final = 1


def run(arguments: argparse.Namespace) -> int:
    """Simulate; the exit status is 0, or 1 when a turn of the lesson was not answered."""
    relay = {} if arguments.relay is None else {"relay": {"url": arguments.relay}}
    settings = load(arguments.settings, os.environ, **relay)
    plan = _plan(arguments, settings)
    timeline, console = Timeline(monotonic), Console()
    try:
        asyncio.run(simulate(plan, settings, os.environ, console, timeline))
    finally:
        _keep(timeline, arguments.out, arguments.plot)
    found = report(timeline.records())
    console.print(table(found))
    return 0 if found.passed() or plan.lesson is None else LESSON_FAILED


def _plan(arguments: argparse.Namespace, settings: Settings) -> Plan:
    planned = _lesson(arguments)
    if planned is None and not os.isatty(KEYBOARD):
        raise BadInput("standard input", "no terminal", "one for the space bar, or --say WAV or --script FILE")
    if planned is not None and arguments.alsa is not None:
        raise BadInput("--alsa", "a lesson as well", "a person at the microphone: no --say and no --script")
    if arguments.relay is not None:
        settings.relay_url()
    tutor = arguments.tutor or (planned.tutor if planned else "scripted")
    recording = None
    if arguments.out is not None:
        recording = _folder(arguments.out) / "speaker.wav"
    return Plan(planned, None if arguments.relay else tutor, arguments.alsa, recording)


def _lesson(arguments: argparse.Namespace) -> Lesson | None:
    if arguments.script is not None:
        return lesson.read(arguments.script)
    if arguments.say is not None:
        return lesson.of_recordings(arguments.say)
    return None


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise BadInput("--out", f"{out}, which can not be made ({trouble.strerror})", "a folder to write to") from None
    return out


def _keep(timeline: Timeline, out: Path | None, picture: Path | None) -> None:
    if out is not None:
        timeline.write(out / "timeline.jsonl")
    if picture is not None:
        plot(timeline, picture)
