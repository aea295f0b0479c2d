"""Where things are kept: never in the repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]


def cache() -> Path:
    """Where what `build` makes is kept: by far the most of it can be removed and made again at any time."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "reading-corner/virtual-pi"


def machine() -> Path:
    """Where the machine of the command line lives: its disk, sockets, key, console and what its speaker played."""
    return cache() / "machine"


def acceptance() -> Path:
    """Where that of the acceptance run lives; it is left for a look at what happened, until the next run."""
    return cache() / "acceptance"


def figures() -> Path:
    """Where that of the figures lives."""
    return cache() / "figures"


def provisioned() -> Path:
    """Where that lives which a playbook makes a corner of."""
    return cache() / "provisioned"
