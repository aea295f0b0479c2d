"""Commands of this machine that are asked what no file tells."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from typing import Final

PATIENCE_S: Final = 2.0
"""Seconds for a tool that asks the kernel or a service on this machine."""

SUPERUSERS: Final = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Debian's PATH of an ordinary user lacks the folder of `iw`."""

Tool = Callable[[Sequence[str]], str | None]
"""Runs a command and returns what it prints; None if it is not installed, fails, or is not done in time."""


def tool(command: Sequence[str]) -> str | None:
    """Be a `Tool`; blocks for `PATIENCE_S` at most."""
    binary = shutil.which(command[0], path=SUPERUSERS)
    if binary is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 -- our own words, no shell
            [binary, *command[1:]], capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
