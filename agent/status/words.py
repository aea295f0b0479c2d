"""What the agent and `reading-corner status` say to each other, and where they meet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from agent.units import Seconds

ONCE: Final = "once"
"""A client's line that asks for one record."""

WATCH: Final = "watch"
"""A client's line that asks for records until it hangs up. Each record is one line of JSON."""

WATCH_EVERY: Final = Seconds(0.25)
"""A level that moves four times a second looks alive, over SSH too, and costs a Pi next to nothing."""


def socket_path(environ: Mapping[str, str]) -> Path:
    """Where the socket is: in the runtime directory that systemd made, the service's own for whoever has none."""
    made = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]  # several are joined by colons (systemd.exec(5))
    return Path(made or "/run/reading-corner") / "status.sock"
