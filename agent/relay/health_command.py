"""`reading-corner-relay health`: the newest record of every device, the worst first."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from agent.relay import fleet
from agent.relay.health import Reports

WIDEST: Final = 600
"""Characters of a line in a file or a pipe: more than any device fills."""


def show(registry: Path, as_json: bool) -> int:
    """Print it; return the exit status. Raises BadInput."""
    now = int(time.time())
    devices = fleet.worst_first(Reports(registry).devices(), now)
    if as_json:
        print(json.dumps(fleet.as_json(devices)))
    elif devices:
        # What is not read on a terminal is searched, and a search wants each device on one line.
        console = Console(width=None if sys.stdout.isatty() else WIDEST)
        console.print(fleet.table(devices, now), markup=False, highlight=False)
    else:
        print("no device has a valid token: `token issue` makes one")
    return 0
