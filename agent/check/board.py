"""The machine itself: what the kernel tells of it, and whether that will do; `root` is where `proc` and `sys` are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agent.board import readings
from agent.board.limits import AIR, CARD_WORN, HOT_C, LITTLE_DISK_MB, LITTLE_MEMORY_MB, MAKE_ROOM, STOP_OTHERS, SUPPLY
from agent.board.readings import Statvfs
from agent.board.readings import text as text  # the other rooms of this folder ask for it here
from agent.check.verdicts import Check, not_checked, ok, warning

NAMES: Final = ("board", "power", "temperature", "memory", "disk")


def checks(root: Path = Path("/"), statvfs: Statvfs = os.statvfs) -> Iterator[Check]:
    """Look at all of it."""
    yield _board(root)
    yield _power(root)
    yield _temperature(root)
    yield _memory(root)
    yield _disk(root, statvfs)


def _board(root: Path) -> Check:
    model = text(root / "proc/device-tree/model")
    return ok("board", model) if model else not_checked("board", "not a Raspberry Pi, as far as it says")


def _power(root: Path) -> Check:
    match readings.undervoltage(root):
        case None:
            return not_checked("power", "no voltage sensor (rpi_volt)")
        case True:
            return warning("power", "under-voltage now: the board slows down, USB cards may drop out", SUPPLY)
        case False:
            return ok("power", "no under-voltage now")


def _temperature(root: Path) -> Check:
    celsius = readings.temperature_c(root)
    if celsius is None:
        return not_checked("temperature", "no sensor (cpu-thermal)")
    if celsius >= HOT_C:
        return warning("temperature", f"{celsius:.0f} °C: the processor is being slowed down", AIR)
    return ok("temperature", f"{celsius:.0f} °C")


def _memory(root: Path) -> Check:
    memory = readings.memory(root)
    if memory is None:
        return not_checked("memory", "the kernel does not say")
    found = f"{memory.available_mb} of {memory.total_mb} MB available"
    if memory.available_mb < LITTLE_MEMORY_MB:
        return warning("memory", found, STOP_OTHERS)
    return ok("memory", found)


def _disk(root: Path, statvfs: Statvfs) -> Check:
    disk = readings.disk(root, statvfs)
    if disk is None:
        return not_checked("disk", "the kernel does not say")
    if disk.is_read_only:
        return warning("disk", "read-only: no token can be kept, nothing updated", CARD_WORN)
    if disk.free_mb < LITTLE_DISK_MB:
        return warning("disk", f"{disk.free_mb} MB free", MAKE_ROOM)
    return ok("disk", f"{disk.free_mb} MB free")
