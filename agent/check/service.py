"""Whether the agent runs here as a service, and what it has open: then nobody else must open it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.check.board import text

UNIT: Final = "reading-corner.service"
"""What provisioning calls it."""

GROUP: Final = f"sys/fs/cgroup/system.slice/{UNIT}"
"""Where version 2 of control groups, which Debian has had since 11, lists its processes."""


@dataclass(frozen=True, slots=True)
class Running:
    """The service's processes and their threads, by the kernel's numbers."""

    processes: frozenset[int]
    threads: frozenset[int]


def running(root: Path = Path("/")) -> Running | None:
    """Look whether it runs now; `root` is where `sys` is."""
    processes = _numbers(root / GROUP / "cgroup.procs")
    return Running(processes, _numbers(root / GROUP / "cgroup.threads") | processes) if processes else None


def nodes(service: Running, root: Path = Path("/")) -> frozenset[str] | None:
    """Name what it has open below /dev, such as /dev/gpiochip0; None if that is not for us to know."""
    found: set[str] = set()
    try:
        for process in service.processes:
            found.update(str(link.readlink()) for link in (root / f"proc/{process}/fd").iterdir())
    except OSError:
        return None
    return frozenset(node for node in found if node.startswith("/dev/"))


def _numbers(path: Path) -> frozenset[int]:
    return frozenset(int(word) for word in (text(path) or "").split())
