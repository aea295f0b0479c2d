"""Releases on the disk: made from a folder of wheels without any network, whole or not at all."""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from reading_corner_release.machine import Machine
from reading_corner_release.plan import CURRENT, PREVIOUS, WAY_BACK, Links
from reading_corner_release.refusal import BAD_INPUT, FAILED, Refusal

VERSION: Final = re.compile(r"[0-9][0-9A-Za-z.+_-]{0,63}")
"""A folder's name, and nothing that leads out of `releases`."""

COMPLETE: Final = "complete"
"""The file that says that a release is whole; in it the SHA-256 of the list of wheels that it was made of."""

LIST: Final = "requirements.lock"
"""In a folder of wheels: each of them with its hash, as pip reads it."""

MAKE_S: Final = 1200.0
"""For one step of making a release, on a Zero 2 W with a slow card."""

NEEDED: Final = "import agent.cli, alsaaudio, spidev, systemd.daemon; from lgpio import gpiochip_open"
"""What has to work on the device: parts in C, the system's libraries that they want, and an lgpio that is not empty."""


def folder(machine: Machine, version: str) -> Path:
    """Where a release is, or would be. Refuses what is no version."""
    if not VERSION.fullmatch(version):
        raise Refusal(BAD_INPUT, f"{version!r} is no version; expected a digit, then letters, digits and . + _ -")
    return machine.base / "releases" / version


def is_complete(machine: Machine, version: str) -> bool:
    """Whether it is there, and whole."""
    return (folder(machine, version) / COMPLETE).exists()


def installed(machine: Machine) -> list[str]:
    """Versions that are whole, in the order of their names."""
    return sorted(marker.parent.name for marker in machine.base.glob(f"releases/*/{COMPLETE}"))


def links(machine: Machine) -> Links:
    """Where the links lead."""
    return Links(*(_version(machine.base / link) for link in (CURRENT, PREVIOUS, WAY_BACK)))


def _version(link: Path) -> str | None:
    return link.readlink().name if link.is_symlink() else None


def install(machine: Machine, version: str, wheels: Path) -> bool:
    """
    Make a release of a folder of wheels.

    Returns:
        False if it is there already.

    """
    release, content = folder(machine, version), _digest(wheels)
    if is_complete(machine, version):
        if (release / COMPLETE).read_text("utf-8") != content:
            raise Refusal(BAD_INPUT, f"{version} is installed, of other wheels; expected another version for these")
        return False
    _remove_half_made(machine)
    machine.make_folder(release)
    try:
        _fill(machine, release, wheels)
    except Refusal:
        machine.remove_folder(release)
        raise
    machine.sync()
    _mark(machine, release, content)
    return True


def _mark(machine: Machine, release: Path, content: str) -> None:
    """The file is there with its content or not at all."""
    new = release / f"{COMPLETE}.new"
    machine.write(new, content)
    machine.fsync(new)
    machine.rename(new, release / COMPLETE)
    machine.fsync(release)


def _digest(wheels: Path) -> str:
    try:
        return hashlib.sha256((wheels / LIST).read_bytes()).hexdigest()
    except OSError as error:
        raise Refusal(BAD_INPUT, f"{wheels / LIST}: {error.strerror}; expected what `wheelhouse build` made") from None


def _fill(machine: Machine, release: Path, wheels: Path) -> None:
    venv = release / "venv"
    python = venv / "bin" / "python"
    _do(machine, BAD_INPUT, "no virtual environment (apt install python3-venv)", sys.executable, "-m", "venv", venv)
    pip = (python, "-I", "-m", "pip", "--isolated", "--disable-pip-version-check", "install", "--quiet")
    offline = (
        "--no-cache-dir",
        "--no-index",
        "--find-links",
        wheels,
        "--require-hashes",
        "--requirement",
        wheels / LIST,
    )
    _do(machine, BAD_INPUT, f"{wheels} does not fit this device", *pip, *offline)
    # Importing lgpio makes a FIFO in the folder that LG_WD names.
    with tempfile.TemporaryDirectory() as nowhere:
        _do(machine, FAILED, "the release does not work here", python, "-I", "-c", NEEDED, LG_WD=nowhere)


def _do(machine: Machine, status: int, failed: str, *command: str | Path, **environ: str) -> None:
    code, said = machine.run(*command, within=MAKE_S, environ=environ)
    if code:
        raise Refusal(status, f"{failed}: {(said.strip() or f'exit status {code}').splitlines()[-1]}")


def _remove_half_made(machine: Machine) -> None:
    stay = {*installed(machine), *_linked(machine)}
    for release in machine.base.glob("releases/*/"):
        if release.name not in stay:
            machine.remove_folder(release)


def _linked(machine: Machine) -> set[str | None]:
    found = links(machine)
    return {found.current, found.previous, found.way_back}


def prune(machine: Machine) -> list[str]:
    """Remove what no link leads to; return those versions. A release stops being whole before it is removed."""
    superfluous = sorted(set(installed(machine)) - _linked(machine))
    for version in superfluous:
        release = folder(machine, version)
        machine.unlink(release / COMPLETE)
        machine.fsync(release)
    _remove_half_made(machine)
    return superfluous
