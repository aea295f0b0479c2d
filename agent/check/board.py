"""The machine itself, by what the kernel tells of it in files; `root` is where `proc` and `sys` are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from agent.check.verdicts import Check, not_checked, ok, warning

NAMES: Final = ("board", "power", "temperature", "memory", "disk")

HOT_C: Final = 80.0
"""Degrees Celsius at which the firmware begins to slow the processor down (Raspberry Pi documentation, "Frequency
management and thermal control")."""

LITTLE_MEMORY_MB: Final = 100
"""Twice what the agent may take (45 MB of its own), so that an update next to it does not end in the OOM killer."""

LITTLE_DISK_MB: Final = 500
"""A second release beside the running one, with its own numpy, and room for the system's own updates."""

MB: Final = 10**6

Statvfs = Callable[[Path], os.statvfs_result]


def checks(root: Path = Path("/"), statvfs: Statvfs = os.statvfs) -> Iterator[Check]:
    """Look at all of it."""
    yield _board(root)
    yield _power(root)
    yield _temperature(root)
    yield _memory(root)
    yield _disk(root, statvfs)


def text(path: Path) -> str | None:
    """Read a line or more; None if it is not there or not for us."""
    try:
        return path.read_text(errors="replace").strip("\0\n ")
    except OSError:
        return None


def _board(root: Path) -> Check:
    model = text(root / "proc/device-tree/model")
    return ok("board", model) if model else not_checked("board", "not a Raspberry Pi, as far as it says")


def _power(root: Path) -> Check:
    # The firmware's `get_throttled` in /sys tells more, but the kernel answers each first look with a stack trace in
    # its log: "deprecated, use hwmon sysfs instead".
    for name in (root / "sys/class/hwmon").glob("hwmon*/name"):
        if text(name) != "rpi_volt":
            continue
        alarm = text(name.parent / "in0_lcrit_alarm")
        if alarm == "1":
            supply = "use the power supply made for this board, a shorter cable, and a hub with its own supply"
            return warning("power", "under-voltage now: the board slows down, USB cards may drop out", supply)
        if alarm == "0":
            return ok("power", "no under-voltage now")
    return not_checked("power", "no voltage sensor (rpi_volt)")


def _temperature(root: Path) -> Check:
    for kind in (root / "sys/class/thermal").glob("thermal_zone*/type"):
        found = text(kind.parent / "temp") or ""
        if text(kind) != "cpu-thermal" or not found.lstrip("-").isdigit():
            continue
        celsius = int(found) / 1000
        if celsius >= HOT_C:
            air = "give it air or a heat sink; the voice will break up"
            return warning("temperature", f"{celsius:.0f} °C: the processor is being slowed down", air)
        return ok("temperature", f"{celsius:.0f} °C")
    return not_checked("temperature", "no sensor (cpu-thermal)")


def _memory(root: Path) -> Check:
    amounts = dict(re.findall(r"^(MemTotal|MemAvailable): +(\d+) kB", text(root / "proc/meminfo") or "", re.MULTILINE))
    if len(amounts) < 2:
        return not_checked("memory", "the kernel does not say")
    free, total = (int(amounts[name]) * 1024 // MB for name in ("MemAvailable", "MemTotal"))
    found = f"{free} of {total} MB available"
    if free < LITTLE_MEMORY_MB:
        return warning("memory", found, "stop what else runs here: ps -eo rss,comm --sort -rss | head")
    return ok("memory", found)


def _disk(root: Path, statvfs: Statvfs) -> Check:
    try:
        disk = statvfs(root)
    except OSError as trouble:
        return not_checked("disk", str(trouble.strerror))
    free = disk.f_bavail * disk.f_frsize // MB
    if disk.f_flag & os.ST_RDONLY:
        card = "if nobody made it so, the SD card is worn out: replace it"
        return warning("disk", "read-only: no token can be kept, nothing updated", card)
    if free < LITTLE_DISK_MB:
        return warning("disk", f"{free} MB free", "make room: sudo apt clean, sudo journalctl --vacuum-size=50M")
    return ok("disk", f"{free} MB free")
