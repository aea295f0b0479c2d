"""`reading-corner check`: every room at once, each on a thread that nobody waits for longer than the whole may take."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

import agent
from agent.app import monotonic
from agent.check import audio, board, far, panel, service, system
from agent.check.verdicts import Check, Verdict, as_dict, can_teach, not_checked, summary
from agent.errors import BadInput
from agent.settings import Settings
from agent.settings_sources import load
from agent.units import Seconds

WHOLE: Final = Seconds(16.0)
"""From here to the last line; with the start of Python and numpy on a Pi Zero, 20 s."""

FAILED: Final = 1
"""Exit status for a corner that can not teach, as in `agent.cli`."""

STYLES: Final = {
    Verdict.OK: "green",
    Verdict.WARNING: "yellow",
    Verdict.FAILED: "bold red",
    Verdict.NOT_CHECKED: "cyan",
}

STILL_SILENT: Final = "check again; if it stays so, restart the board"

SUITE: Final = "hw_tests"
"""What a person with a Pi runs, beside the package in the source tree."""


@dataclass(frozen=True, slots=True)
class Room:
    """What it will tell of, and how it is asked: each check is told as soon as it is there."""

    names: Sequence[str]
    checks: Callable[[], Iterable[Check]]


def run(file: Path | None, as_json: bool, environ: Mapping[str, str], console: Console, root: Path = Path("/")) -> int:
    """
    Check the corner and print what was found; `root` is where `proc`, `sys` and the rest are.

    Returns:
        The exit status: 0 only if the corner can teach.

    Raises:
        BadInput: If the settings are not usable.

    """
    settings = load(file, environ)
    settings.relay_url()
    found = gathered(rooms(settings, environ, root), WHOLE)
    if as_json:
        console.print_json(data=as_dict(found, agent.__version__))
    else:
        console.print(table(found))
        console.print(summary(found), markup=False, highlight=False, soft_wrap=True)
    return 0 if can_teach(found) else FAILED


def run_full(file: Path | None, folders: Sequence[Path] = (Path(), Path(agent.__file__).parents[1])) -> int:
    """
    Run the hardware suite with the settings in `file`; the exit status is its own. `folders` is where it may be.

    Raises:
        BadInput: If it is not there, or nothing to run it with.

    """
    if importlib.util.find_spec("pytest") is None:
        raise BadInput("--full", "no pytest", "pip install pytest pytest-timeout")
    settings = [] if file is None else ["--settings", str(file.absolute())]
    for folder in folders:
        if any((folder / SUITE).glob("test_*.py")):
            command = [sys.executable, "-m", "pytest", SUITE, *settings]
            return subprocess.run(command, cwd=folder, check=False).returncode  # noqa: S603 -- our own words, no shell
    raise BadInput("--full", f"no {SUITE} here", "to be called in the agent's source tree")


def rooms(settings: Settings, environ: Mapping[str, str], root: Path) -> tuple[Room, ...]:
    """Make all rooms, in the order of their lines."""
    running = service.running(root)
    return (
        Room(board.NAMES, lambda: board.checks(root)),
        Room(system.NAMES, lambda: system.checks(root)),
        Room(audio.NAMES, lambda: audio.checks(settings, running, root)),
        Room(panel.NAMES, lambda: panel.checks(settings, running, monotonic, root)),
        Room(far.NAMES, lambda: asyncio.run(far.checks(settings, environ, monotonic, root))),
    )


def gathered(asked: Sequence[Room], whole: Seconds) -> tuple[Check, ...]:
    """Ask all rooms at once; what is not told within `whole` is not checked."""
    deadline = time.monotonic() + whole
    told: list[list[Check]] = [[] for _ in asked]
    threads = [
        threading.Thread(target=_ask, args=(room, into), daemon=True) for room, into in zip(asked, told, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return tuple(
        check
        for room, into, thread in zip(asked, told, threads, strict=True)
        for check in _complete(room, tuple(into), f"no answer within {whole:g} s" if thread.is_alive() else "broke off")
    )


def table(found: Sequence[Check]) -> Table:
    """Draw a line for each check, and below it what to do."""
    drawn = Table.grid(padding=(0, 2))
    for check in found:
        line = Text(check.found)
        if check.what_to_do:
            line.append(f"\n→ {check.what_to_do}", style="bold")
        drawn.add_row(Text(check.verdict.value, style=STYLES[check.verdict]), Text(check.name), line)
    return drawn


def _ask(room: Room, into: list[Check]) -> None:
    into.extend(room.checks())


def _complete(room: Room, told: tuple[Check, ...], why: str) -> tuple[Check, ...]:
    known = {check.name for check in told}
    return (*told, *(not_checked(name, why, STILL_SILENT) for name in room.names if name not in known))
