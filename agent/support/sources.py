"""What goes into a support bundle: where each part comes from on this machine."""

from __future__ import annotations

import contextlib
import io
import json
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from rich.console import Console

from agent import __version__, config_command
from agent.check import run as check
from agent.check.service import UNIT
from agent.devices import listing
from agent.errors import BadInput
from agent.link.token import TokenMissing, as_the_service, find_tokens
from agent.settings_sources import load
from agent.status import command as status
from agent.support.bundle import Source

WIDTH: Final = 160
"""Characters of a line in the tables: wide enough that no path is folded."""

DAYS: Final = 14
"""What a persistent journal keeps, and longer than any ticket waits."""

MOST_LINES: Final = 20_000
"""Of a journal: two weeks of a device that has trouble all day."""

PATIENCE_S: Final = 30.0
"""Seconds for journalctl on an SD card."""

Tool = Callable[[Sequence[str]], str]
"""Runs a command and returns what it prints; raises OSError or CalledProcessError."""


def tool(command: Sequence[str]) -> str:
    """Be a `Tool`."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=PATIENCE_S, check=True)  # noqa: S603 -- our own words, no shell
    return done.stdout


OURS: Final = ("__REALTIME_TIMESTAMP", "PRIORITY", "MESSAGE", "MESSAGE_ID", "_PID", "_SYSTEMD_INVOCATION_ID")
"""Fields of a line beside our own AGENT_ ones; the rest (command lines, users, paths) is nobody's business."""


def sources(file: Path | None, environ: Mapping[str, str], run_tool: Tool) -> tuple[Source, ...]:
    """Name all parts, the ones to look at first in front."""
    unit = ["journalctl", "--no-pager", f"--since=-{DAYS}d", f"--lines={MOST_LINES}"]
    return (
        Source("versions.txt", "this program, its libraries, the system", lambda: _versions(run_tool)),
        Source("settings.txt", "the settings in effect, secrets masked", lambda: _settings(file, environ)),
        Source(
            "status.json",
            "what the agent is doing, its health and last turns",
            lambda: _printed(lambda to: status.show(environ, to, as_json=True)),
        ),
        Source("check.json", "`reading-corner check`", lambda: _printed(lambda to: check.run(file, True, environ, to))),
        Source("devices.json", "cards, mixers, pins", lambda: _printed(lambda to: listing.run(True, to))),
        Source(
            "journal.txt",
            f"the agent's journal, {DAYS} days at most, with what each line means",
            lambda: run_tool([*unit, "--unit", UNIT, "--output=short-iso-precise"]),
        ),
        Source(
            "journal.jsonl",
            "the same with its numbers, for programs",
            lambda: _own_fields(run_tool([*unit, "--unit", UNIT, "--output=json"])),
        ),
        Source(
            "kernel.txt",
            "warnings of the kernel since the start: power, USB, the SD card",
            lambda: run_tool([*unit, "--dmesg", "--priority=warning", "--output=short-iso-precise"]),
        ),
        Source("unit.txt", "how systemd sees the service", lambda: run_tool(["systemctl", "show", UNIT])),
    )


def secrets(file: Path | None, environ: Mapping[str, str]) -> list[str]:
    """What has to be masked by its very value: the token may be of a form that only another relay knows."""
    try:
        settings = load(file, environ)
    except BadInput:
        return []
    known = list(settings.relay.query.values())
    with contextlib.suppress(TokenMissing):
        known += [found.token.reveal() for found in find_tokens(settings.relay.token_file, as_the_service(environ))]
    return known


def _versions(run_tool: Tool) -> str:
    lines = [f"reading-corner {__version__}", f"Python {platform.python_version()} on {platform.platform()}"]
    lines += sorted(f"{found.name} {found.version}" for found in distributions())
    return "\n".join(lines) + "\n\n" + run_tool(["systemctl", "--version"])


def _settings(file: Path | None, environ: Mapping[str, str]) -> str:
    return _printed(lambda to: config_command.show(file, environ, to))


def _printed(command: Callable[[Console], object]) -> str:
    paper = io.StringIO()
    command(Console(file=paper, width=WIDTH, color_system=None))
    return paper.getvalue()


def _own_fields(lines: str) -> str:
    entries = (json.loads(line) for line in lines.splitlines())
    kept = ({name: value for name, value in entry.items() if _is_ours(name)} for entry in entries)
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in kept)


def _is_ours(name: str) -> bool:
    return name in OURS or name.startswith("AGENT_")
