"""The command `reading-corner`. What a command needs is imported when it is called: `run` has to start fast on a Pi."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from agent import __version__
from agent.errors import AgentError, BadInput, IllegalEvent

FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
"""What shells give to a command that Ctrl-C ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, 1 when it failed, 2 for what a person has to put right."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except BadInput as bad:
        print(bad, file=sys.stderr)
        return BAD_INPUT
    except IllegalEvent:
        raise  # a bug of ours, and its traceback is all that a maintainer will have
    except AgentError as trouble:
        print(trouble, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    from agent.run_command import run

    return run(arguments.settings, os.environ)


def _simulate(arguments: argparse.Namespace) -> int:
    from agent.simulator.command import run

    return run(arguments)


def _check(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from agent.check.run import run, run_full

    if arguments.full:
        return run_full(arguments.settings)
    return run(arguments.settings, arguments.json, os.environ, Console(file=sys.stdout))


def _devices(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from agent.devices.listing import run

    return run(arguments.json, Console())


def _status(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from agent.status.command import show, watch

    if arguments.watch:
        return watch(os.environ, Console())
    return show(os.environ, Console(), arguments.json)


def _config(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from agent.config_command import check, show

    if arguments.action == "check":
        return check(arguments.file, Console())
    return show(arguments.settings, os.environ, Console())


def _support_bundle(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from agent.support.command import run

    return run(arguments.settings, arguments.archive, os.environ, Console())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("reading-corner", description="A voice tutor for a school's reading corner.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="the agent, on the device"))
    _add_simulate(
        commands.add_parser(
            "simulate",
            help="the agent on any Linux machine",
            description="The agent on any Linux machine: space is the button (down, up), q ends.",
        )
    )
    _add_check(commands.add_parser("check", help="whether this corner can teach, and what to do if not"))
    _add_devices(commands.add_parser("devices", help="cards, mixers, GPIO and SPI, by what to put into the settings"))
    _add_status(
        commands.add_parser(
            "status",
            help="what the running agent is doing, its health and its last turns",
            description="Exit status 0 if the agent told how it is, well or not; 1 if it did not; 2 for a wrong use.",
        )
    )
    _add_support_bundle(commands.add_parser("support-bundle", help="one archive for a ticket, without a secret in it"))
    _add_config(commands.add_parser("config", help="the settings in effect, or whether a file is usable"))
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.set_defaults(run=_run)
    run.add_argument("--settings", type=Path, metavar="FILE", help="settings (TOML)")


def _add_simulate(stage: argparse.ArgumentParser) -> None:
    stage.set_defaults(run=_simulate)
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


def _add_check(check: argparse.ArgumentParser) -> None:
    check.set_defaults(run=_check)
    how = check.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="for programs")
    how.add_argument("--full", action="store_true", help="run the hardware suite (hw_tests) instead")
    check.add_argument("--settings", type=Path, metavar="FILE", help="settings (TOML)")


def _add_devices(devices: argparse.ArgumentParser) -> None:
    devices.set_defaults(run=_devices)
    devices.add_argument("--json", action="store_true", help="for programs")


def _add_status(status: argparse.ArgumentParser) -> None:
    status.set_defaults(run=_status)
    how = status.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="for programs")
    how.add_argument("--watch", action="store_true", help="a screen that moves; q ends")


def _add_support_bundle(bundle: argparse.ArgumentParser) -> None:
    bundle.set_defaults(run=_support_bundle)
    bundle.add_argument("archive", nargs="?", type=Path, metavar="FILE.tar.gz", help="where to (default: this folder)")
    bundle.add_argument("--settings", type=Path, metavar="FILE", help="settings (TOML)")


def _add_config(config: argparse.ArgumentParser) -> None:
    config.set_defaults(run=_config)
    actions = config.add_subparsers(required=True, dest="action", metavar="ACTION")
    show = actions.add_parser("show", help="every key: its value, who set it, what may stand there")
    show.add_argument("--settings", type=Path, metavar="FILE", help="settings (TOML)")
    check = actions.add_parser("check", help="whether a file is usable, without this machine's environment")
    check.add_argument("file", type=Path, metavar="FILE")
