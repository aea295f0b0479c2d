"""What a quick check does not ask the board: what held it back since it started, and how busy it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from agent.check.board import text
from agent.check.system import Tool

HINDRANCES: Final = ("under-voltage", "capped", "throttled", "too warm")
"""Bits 0 to 3 of the firmware's `get_throttled`: it is so now."""

SINCE_START: Final = 16
"""The same four, from this bit on: it was so since the board started."""


def is_pi(root: Path) -> bool:
    """Whether this is a Raspberry Pi; `root` is where `proc` is."""
    return (model(root) or "").startswith("Raspberry Pi")


def model(root: Path) -> str | None:
    """Such as "Raspberry Pi 4 Model B Rev 1.4"; None where there is no device tree."""
    return text(root / "proc/device-tree/model")


def hindrances(run: Tool) -> tuple[set[str], set[str]] | None:
    """What holds the board back now, and what has since it started; None if vcgencmd does not say."""
    told = re.fullmatch(r"throttled=0x([0-9a-fA-F]+)", run(["vcgencmd", "get_throttled"]) or "")
    if told is None:
        return None
    bits = int(told[1], 16)
    now = {name for bit, name in enumerate(HINDRANCES) if bits >> bit & 1}
    return now, {name for bit, name in enumerate(HINDRANCES, SINCE_START) if bits >> bit & 1}


def ticks(root: Path) -> tuple[int, int]:
    """Ticks that the processor has worked, and that have passed, since the start; all cores together."""
    passed = [int(number) for number in (text(root / "proc/stat") or "").splitlines()[0].split()[1:9]]
    idle, waiting_for_disk = passed[3:5]
    return sum(passed) - idle - waiting_for_disk, sum(passed)
