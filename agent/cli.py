"""The command `reading-corner`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from agent import __version__
from agent.app import monotonic
from agent.errors import AgentError, BadInput
from agent.settings import Settings
from agent.settings_sources import load
from agent.simulator import lesson
from agent.simulator.lesson import Lesson
from agent.simulator.plot import plot
from agent.simulator.report import report, table
from agent.simulator.simulate import KEYBOARD, Plan, simulate
from agent.simulator.timeline import Timeline

LESSON_FAILED = 1
BAD_INPUT = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, 1 when a lesson failed, 2 for what a person has to put right."""
    arguments = _parser().parse_args(argv)
    try:
        return _simulate(arguments)
    except BadInput as bad:
        print(bad, file=sys.stderr)
        return BAD_INPUT
    except AgentError as trouble:
        print(trouble, file=sys.stderr)
        return LESSON_FAILED
    except KeyboardInterrupt:
        return 130


def _simulate(arguments: argparse.Namespace) -> int:
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("reading-corner", description="A voice tutor for a school's reading corner.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    stage = commands.add_parser(
        "simulate",
        help="the agent on any Linux machine",
        description="The agent on any Linux machine: space is the button (down, up), q ends.",
    )
    student = stage.add_mutually_exclusive_group()
    student.add_argument("--say", nargs="+", type=Path, metavar="WAV", help="a turn for each of these, then the end")
    student.add_argument(
        "--script", type=Path, metavar="FILE", help="play a lesson (TOML, as agent/simulator/demo.toml)"
    )
    stage.add_argument("--alsa", nargs="?", const="default", metavar="PCM", help="speak and listen on the sound card")
    far_end = stage.add_mutually_exclusive_group()
    far_end.add_argument("--relay", metavar="URL", help="dial this relay instead of the simulator's own")
    far_end.add_argument("--tutor", choices=("scripted", "parrot", "openai"), help="who answers at our own relay")
    stage.add_argument("--settings", type=Path, metavar="FILE", help="settings (TOML)")
    stage.add_argument("--out", type=Path, metavar="DIR", help="keep speaker.wav and timeline.jsonl here")
    stage.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the timeline")
    return parser
