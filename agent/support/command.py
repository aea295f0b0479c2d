"""The command: gather everything, list it, write it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from rich.console import Console

from agent.support.bundle import gathered, listed, write
from agent.support.sources import Tool, secrets, sources, tool


def run(
    file: Path | None, archive: Path | None, environ: Mapping[str, str], console: Console, run_tool: Tool = tool
) -> int:
    """
    Print what the bundle holds, then write it.

    Args:
        file: The settings, as for every command.
        archive: What to write; None for one in this folder that is named after the moment.
        environ: The environment.
        console: Where the list goes.
        run_tool: Runs `journalctl` and its like.

    Returns:
        The exit status.

    Raises:
        BadInput: If the archive can not be written.

    """
    parts = gathered(sources(file, environ, run_tool), secrets(file, environ))
    archive = archive or Path(f"reading-corner-support-{datetime.now().astimezone():%Y%m%d-%H%M%S}.tar.gz")
    _say(console, f"No audio, nothing that was said, no token. Look before you send it:\n{listed(parts)}")
    write(parts, archive)
    _say(console, f"written, for your eyes only: {archive}")
    return 0


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
