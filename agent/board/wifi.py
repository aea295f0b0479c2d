"""Whether the Wi-Fi in use saves power: only the kernel's netlink knows, and only `iw` is there to ask it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.board.readings import found, text
from agent.board.tool import Tool


def links(root: Path) -> tuple[str, ...] | None:
    """Name the Wi-Fi interfaces that are up; None if the kernel does not say which networks there are."""
    net = found(root / "sys/class/net", "*")
    wireless = (link for link in sorted(net) if found(link, "phy80211") and text(link / "operstate") == "up")
    return tuple(link.name for link in wireless) if net else None


def power_save(names: Sequence[str], run: Tool) -> Mapping[str, bool | None]:
    """Ask of each interface whether it saves power; None where nobody says. Blocks for as long as the tool."""
    return {name: _saves(run(["iw", "dev", name, "get", "power_save"]) or "") for name in names}


def _saves(said: str) -> bool | None:
    return {"on": True, "off": False}.get(said.rpartition(" ")[2])
