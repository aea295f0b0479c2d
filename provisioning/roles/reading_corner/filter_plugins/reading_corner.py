"""What devices and the registry say, in the shape that the tasks ask for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

GOOD = ("ok", "warning")
HEADER = ("school", "device", "can teach", "why not")


def reading_corner_obstacles(check: Mapping[str, Any], between: str = "; ") -> str:
    """Name all that keeps a corner from teaching and what to do about it, out of `reading-corner check --json`."""
    failed = [one for one in check["checks"] if one["verdict"] == "failed"]
    if not failed and not check["can_teach"]:
        failed = [one for one in check["checks"] if one["verdict"] not in GOOD]
    return between.join(
        f"{one['name']}: {one['found']}" + (f" → {one['what_to_do']}" if one["what_to_do"] else "") for one in failed
    )


def reading_corner_verdict(check: Mapping[str, Any], name: str) -> str:
    """How one check ended, or 'not there'."""
    return next((one["verdict"] for one in check["checks"] if one["name"] == name), "not there")


def reading_corner_table(asked: Sequence[tuple[str, str, Mapping[str, Any]]]) -> str:
    """
    Draw the table of what devices said, those that can not teach first; a line for each reason.

    Args:
        asked: School, device and the result of `reading-corner check --json` of each.

    """
    told = sorted((_told(result), school, device) for school, device, result in asked)
    rows = [HEADER, *((school, device, can, why) for (can, why), school, device in told)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    margin = "\n" + " " * (sum(widths) + 2 * len(widths))
    lines = ("  ".join([*map(str.ljust, row[:3], widths), row[3].replace("\n", margin)]) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _told(result: Mapping[str, Any]) -> tuple[str, str]:
    if not result or result.get("unreachable"):
        return "?", "not reached"
    try:
        check = json.loads(result.get("stdout") or "")
    except ValueError:
        return "NO", " ".join(str(result.get("stderr") or result.get("msg") or "no answer").split())
    return ("yes", "") if check["can_teach"] else ("NO", reading_corner_obstacles(check, between="\n"))


def reading_corner_valid_tokens(registry: Iterable[Mapping[str, Any]], device: str) -> list[str]:
    """Ids of a device's valid tokens, out of `reading-corner-relay token list --json`."""
    return [token["id"] for one in registry if one["device"] == device for token in one["tokens"] if token["valid"]]


class FilterModule:
    """Where Ansible finds them."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By their names."""
        known = (reading_corner_obstacles, reading_corner_verdict, reading_corner_table, reading_corner_valid_tokens)
        return {one.__name__: one for one in known}
