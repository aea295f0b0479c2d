"""
What the kernel and systemd tell of the board in files; `root` is where `proc`, `sys` and `run` are.

All of it answers from memory, without the SD card: everything at once takes 0.2 ms (measured on x86). None means
that the board does not tell.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MB: Final = 10**6

Statvfs = Callable[[Path], os.statvfs_result]


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory in MB; `available` is what could be had without swapping."""

    available_mb: int
    total_mb: int


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system, in MB."""

    free_mb: int
    is_read_only: bool


def text(path: Path) -> str | None:
    """Read a line or more; None if it is not there or not for us."""
    try:
        return path.read_text(errors="replace").strip("\0\n ")
    except OSError:
        return None


def found(folder: Path, pattern: str) -> list[Path]:
    """What is there by this pattern; nothing if it is not for us."""
    try:
        return list(folder.glob(pattern))
    except OSError:
        return []


def undervoltage(root: Path) -> bool | None:
    """Whether the supply was too weak in the two seconds before: so often the driver asks the firmware."""
    # The firmware's `get_throttled` in /sys tells more, but the kernel answers each first look with a stack trace in
    # its log: "deprecated, use hwmon sysfs instead".
    for name in found(root / "sys/class/hwmon", "hwmon*/name"):
        if text(name) != "rpi_volt":
            continue
        alarm = text(name.parent / "in0_lcrit_alarm")
        if alarm in ("0", "1"):
            return alarm == "1"
    return None


def temperature_c(root: Path) -> float | None:
    """Degrees Celsius of the processor."""
    for kind in found(root / "sys/class/thermal", "thermal_zone*/type"):
        told = text(kind.parent / "temp") or ""
        if text(kind) == "cpu-thermal" and told.lstrip("-").isdigit():
            return int(told) / 1000
    return None


def memory(root: Path) -> Memory | None:
    """Everybody's memory."""
    amounts = _amounts(root / "proc/meminfo", "MemAvailable", "MemTotal")
    return None if amounts is None else Memory(amounts[0] // MB, amounts[1] // MB)


def own_memory_mb(root: Path) -> float | None:
    """
    Memory of this process in MB: resident and swapped, for what leaks is swapped out first.

    Not its proportional share (`smaps_rollup`), for which the kernel walks every page: ten times as long.
    """
    amounts = _amounts(root / "proc/self/status", "VmRSS", "VmSwap")
    return None if amounts is None else sum(amounts) / MB


def disk(path: Path, statvfs: Statvfs = os.statvfs) -> Disk | None:
    """Tell of the file system that `path` is on, as this process may use it."""
    try:
        told = statvfs(path)
    except OSError:
        return None
    return Disk(told.f_bavail * told.f_frsize // MB, bool(told.f_flag & os.ST_RDONLY))


def clock_synchronised(root: Path) -> bool | None:
    """Whether systemd-timesyncd has had an answer since the boot; None if it does not run."""
    inside = found(root / "run/systemd", "timesync/synchronized") or found(root / "run/systemd", "timesync")
    return inside[0].name == "synchronized" if inside else None


def _amounts(path: Path, *names: str) -> list[int] | None:
    """Bytes of each name in a file of `Name: 1 kB` lines; None unless all are there."""
    told = dict(re.findall(r"^(\w+):\s+(\d+) kB", text(path) or "", re.MULTILINE))
    return [int(told[name]) * 1024 for name in names] if told.keys() >= set(names) else None
