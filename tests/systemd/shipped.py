"""What `systemd/` ships, as a test reads it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT_FILE = FOLDER / "reading-corner.service"
SINCE_254 = FOLDER / "reading-corner.service.d" / "20-systemd254.conf"
SYSUSERS = FOLDER / "reading-corner.sysusers"
TMPFILES = FOLDER / "reading-corner.tmpfiles"
RULES = FOLDER / "reading-corner.rules"
TIMESYNCD = FOLDER / "timesyncd.conf"
JOURNALD = [FOLDER / f"journald-{kept}" / "99-reading-corner.conf" for kept in ("persistent", "volatile")]
SCRIPT = FOLDER / "reboot-if-stuck"

INSTALLED = [UNIT_FILE, SINCE_254, SYSUSERS, TMPFILES, RULES, TIMESYNCD, *JOURNALD, SCRIPT]


def goes_to(file):
    """Where its header says that it belongs."""
    return re.search(r"Goes to (/\S+?)[;,.]?(?:\s|$)", file.read_text("utf-8"))[1]


def said(file):
    """Its lines without comments and sections: each key with all its values, in order."""
    settings = {}
    for line in file.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            settings.setdefault(key, []).append(value)
    return settings


def lines(file):
    """What stands in a file of one entry a line."""
    return [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def tool(name):
    """The tool, or skip."""
    return shutil.which(name) or pytest.skip(f"{name} is not installed")


def version():
    """Of systemd on this machine, or skip."""
    return int(run(tool("systemd-analyze"), "--version").stdout.split()[1])


def install(root, *files):
    """Put files where they say they belong, below `root`."""
    for file in files:
        target = root / goes_to(file).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
