"""What runs on the board: system, pins' library, Wi-Fi, clock and journal; `root` is where the file system begins."""

from __future__ import annotations

import importlib.util
import platform
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from agent import __version__
from agent.check.board import text
from agent.check.verdicts import Check, failed, not_checked, ok, warning

NAMES: Final = ("system", "lgpio", "wifi power save", "clock", "journal")

KNOWN: Final = {"12", "13"}
"""Debian releases, and so those of Raspberry Pi OS, that have the Python and the drivers we need."""

PATIENCE_S: Final = 2.0
"""Seconds for a tool that asks the kernel or a service on this machine."""

SUPERUSERS: Final = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Debian's PATH of an ordinary user lacks the folder of `iw`."""

CHOSEN: Final = "etc/systemd/journald.conf.d/99-reading-corner.conf"
"""Whoever provisioned the device decided where its journal is kept."""

Tool = Callable[[Sequence[str]], str | None]
"""Runs a command and returns what it prints; None if it is not installed, fails, or is not done in time."""


def tool(command: Sequence[str]) -> str | None:
    """Be a `Tool`; blocks for `PATIENCE_S` at most."""
    binary = shutil.which(command[0], path=SUPERUSERS)
    if binary is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 -- our own words, no shell
            [binary, *command[1:]], capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


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
    net = root / "sys/class/net"
    if not net.is_dir():
        return not_checked(name, "the kernel does not say which networks there are")
    links = [link.name for link in sorted(net.iterdir()) if (link / "phy80211").exists() and _is_up(link)]
    if not links:
        return ok(name, "no Wi-Fi in use")
    saving = {link: run(["iw", "dev", link, "get", "power_save"]) for link in links}
    if on := [link for link, said in saving.items() if said and said.endswith("on")]:
        off = "wifi.powersave = 2 below [connection] in /etc/NetworkManager/conf.d/, then restart NetworkManager"
        return warning(name, f"on for {', '.join(on)}: answers come seconds late", off)
    if unknown := [link for link, said in saving.items() if not said or not said.endswith("off")]:
        return not_checked(name, f"{', '.join(unknown)} does not say", "sudo apt install iw")
    return ok(name, f"off for {', '.join(links)}")


def _is_up(link: Path) -> bool:
    return text(link / "operstate") == "up"


def _clock(root: Path, run: Tool) -> Check:
    if (root / "var/lib/systemd/timesync/clock").is_dir():
        repair = "sudo rm -r /var/lib/systemd/timesync/clock, and restart"
        return warning("clock", "a folder stands where the time is kept (pi-gen#921): years off at each start", repair)
    if (root / "run/systemd/timesync/synchronized").exists():
        return ok("clock", "synchronised")
    match run(["timedatectl", "show", "-p", "NTPSynchronized", "--value"]):
        case "yes":
            return ok("clock", "synchronised")
        case "no":
            server = "let UDP port 123 out, or name the school's time server in /etc/systemd/timesyncd.conf.d/"
            return warning("clock", "not synchronised: certificates may seem not yet valid", server)
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
