"""What runs on the board: system, pins' library, Wi-Fi, clock and journal; `root` is where the file system begins."""

from __future__ import annotations

import importlib.util
import platform
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agent import __version__
from agent.board import wifi
from agent.board.limits import NO_POWER_SAVE, TIME_SERVER
from agent.board.readings import clock_synchronised, text
from agent.board.tool import Tool, tool
from agent.check.verdicts import Check, failed, not_checked, ok, warning

NAMES: Final = ("system", "lgpio", "wifi power save", "clock", "journal")

KNOWN: Final = {"12", "13"}
"""Debian releases, and so those of Raspberry Pi OS, that have the Python and the drivers we need."""

CHOSEN: Final = "etc/systemd/journald.conf.d/99-reading-corner.conf"
"""Whoever provisioned the device decided where its journal is kept."""


def checks(root: Path = Path("/"), run: Tool = tool, lgpio: Path | None = None) -> Iterator[Check]:
    """
    Look at all of it.

    Args:
        root: Where `etc`, `proc`, `run`, `sys` and `var` are.
        run: Runs commands.
        lgpio: The module's file, if it is not to be looked for.

    """
    yield _system(root)
    yield _lgpio(lgpio or _module("lgpio"))
    yield _wifi(root, run)
    yield _clock(root, run)
    yield _journal(root)


def _system(root: Path) -> Check:
    try:
        release = dict(part.split("=", 1) for part in shlex.split(text(root / "etc/os-release") or ""))
    except ValueError:
        release = {}
    if not release:
        return not_checked("system", "no /etc/os-release")
    found = f"{release.get('PRETTY_NAME')}, Python {platform.python_version()}, {platform.machine()}, {__version__}"
    if release.get("ID") in ("debian", "raspbian") and release.get("VERSION_ID") in KNOWN:
        return ok("system", found)
    return warning("system", f"{found}: not tried out", "install Raspberry Pi OS Lite (64 bit), release 12 or 13")


def _module(name: str) -> Path | None:
    """Find it without importing it: that would start a thread and make a FIFO."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin) if spec and spec.origin else None


def _lgpio(module: Path | None) -> Check:
    cure = "pip install 'lgpio>=0.2.2', a wheel for this Python, or Debian's python3-lgpio"
    if module is None:
        return failed("lgpio", "not installed: no pin can be read", cure)
    source = text(module)
    if source is None:
        return not_checked("lgpio", f"{module} can not be read", "run as root: sudo reading-corner check")
    if "gpiochip_open" not in source:
        return failed("lgpio", "an empty module (version 0.0.0.2, what pip takes for Python 3.13)", cure)
    return ok("lgpio", "installed")


def _wifi(root: Path, run: Tool) -> Check:
    name = "wifi power save"
    links = wifi.links(root)
    if links is None:
        return not_checked(name, "the kernel does not say which networks there are")
    if not links:
        return ok(name, "no Wi-Fi in use")
    saves = wifi.power_save(links, run)
    if on := [link for link in links if saves[link]]:
        return warning(name, f"on for {', '.join(on)}: answers come seconds late", NO_POWER_SAVE)
    if unknown := [link for link in links if saves[link] is None]:
        return not_checked(name, f"{', '.join(unknown)} does not say", "sudo apt install iw")
    return ok(name, f"off for {', '.join(links)}")


def _clock(root: Path, run: Tool) -> Check:
    if (root / "var/lib/systemd/timesync/clock").is_dir():
        repair = "sudo rm -r /var/lib/systemd/timesync/clock, and restart"
        return warning("clock", "a folder stands where the time is kept (pi-gen#921): years off at each start", repair)
    if clock_synchronised(root):
        return ok("clock", "synchronised")
    match run(["timedatectl", "show", "-p", "NTPSynchronized", "--value"]):
        case "yes":
            return ok("clock", "synchronised")
        case "no":
            return warning("clock", "not synchronised: certificates may seem not yet valid", TIME_SERVER)
        case _:
            return not_checked("clock", "neither systemd-timesyncd nor timedatectl says")


def _journal(root: Path) -> Check:
    # journald moves it: while there is one in /run, nothing goes to /var, whatever lies there from before.
    if any((root / "run/log/journal").glob("*/system.journal")):
        if (root / CHOSEN).exists():
            return ok("journal", "in memory only, as this device was provisioned")
        return warning(
            "journal", "in memory only: lost with the power", f"Storage=persistent below [Journal] in /{CHOSEN}"
        )
    if any((root / "var/log/journal").glob("*/system.journal")):
        return ok("journal", "kept on disk")
    return not_checked("journal", "no journal that this user can see")
