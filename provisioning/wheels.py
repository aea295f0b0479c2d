"""What is known of wheels by their names, of locks by their text, of a system by its C library; and how they travel."""

from __future__ import annotations

import hashlib
import re
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self


@dataclass(frozen=True, slots=True)
class Target:
    """An operating system of a device; `glibc` is the minor version of its C library."""

    name: str
    python: int
    glibc: int

    @property
    def folder(self) -> str:
        """The folder's name says whom it is for."""
        return f"{self.name}-cp3{self.python}-aarch64"

    @property
    def platforms(self) -> list[str]:
        """Of wheels: built for this C library or an earlier one (PEP 600). 2.17 is the first with aarch64."""
        return [
            "linux_aarch64",
            "manylinux2014_aarch64",
            *(f"manylinux_2_{n}_aarch64" for n in range(17, self.glibc + 1)),
        ]

    @property
    def for_pip(self) -> list[str]:
        """What has `pip download` fetch wheels for it, wherever pip itself runs."""
        return [
            *("--only-binary=:all:", "--implementation=cp", f"--python-version=3.{self.python}"),
            *(f"--abi={abi}" for abi in (f"cp3{self.python}", "abi3", "none")),
            *(f"--platform={name}" for name in self.platforms),
        ]


BEGINNING: Final = 315532800
"""1980, for files whose age is nobody's business: the earliest time that a wheel, a zip file, can tell (POSIX s)."""

TARGETS: Final = {"trixie": Target("trixie", 13, 41), "bookworm": Target("bookworm", 11, 36)}

COMPILED: Final = frozenset({"lgpio", "pyalsaaudio", "spidev", "systemd-python"})
"""What has no wheel for a Pi. lgpio has one for Python 3.11, but an empty one for 3.13, so it is treated alike."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in a lock: `text` is all of it, hashes too."""

    name: str
    version: str
    text: str


def pins(lock: str) -> list[Pin]:
    """Take a lock apart."""
    parts = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]
    return [Pin(part.split("==")[0], part.split("==")[1].split()[0], part) for part in parts]


@dataclass(frozen=True, slots=True)
class Wheel:
    """What a wheel's file name says; each of the last three may be several, joined by dots (PEP 425)."""

    name: str
    version: str
    python: str
    abi: str
    platform: str

    @classmethod
    def named(cls, file: str) -> Self:
        """Take it from a file name; a build number is left out."""
        name, version, *_, python, abi, system = file.removesuffix(".whl").split("-")
        return cls(re.sub(r"[-_.]+", "-", name).lower(), version, python, abi, system)

    def fits(self, target: Target) -> bool:
        """Whether a device with this system can use it."""
        python, abi, system = (set(tag.split(".")) for tag in (self.python, self.abi, self.platform))
        older = {f"cp3{minor}" for minor in range(2, target.python)} if "abi3" in abi else set()
        return bool(python & {"py3", f"cp3{target.python}", *older} and system & {"any", *target.platforms})


def problems(wanted: Iterable[Pin], files: Iterable[str], target: Target) -> list[str]:
    """What a folder lacks, and what is in it that a device could not use; empty if it is as it should be."""
    wheels = [Wheel.named(file) for file in files]
    there = {(wheel.name, wheel.version) for wheel in wheels if wheel.fits(target)}
    lacking = [f"{pin.name} {pin.version}: no wheel" for pin in wanted if (pin.name, pin.version) not in there]
    useless = [f"{wheel.name} {wheel.version}: for other systems" for wheel in wheels if not wheel.fits(target)]
    return lacking + useless


def is_hollow(wheel: Path) -> bool:
    """Whether a wheel of lgpio is the empty one: 0.0.0.2, which pip takes for Python 3.13 if it may."""
    with zipfile.ZipFile(wheel) as archive:
        return not any(b"def gpiochip_open" in archive.read(name) for name in archive.namelist() if name == "lgpio.py")


def list_of(wheels: Iterable[tuple[str, bytes]]) -> str:
    """The lines that pip checks with --require-hashes, of file names and contents."""
    lines = []
    for file, content in sorted(wheels):
        wheel = Wheel.named(file)
        lines.append(f"{wheel.name}=={wheel.version} --hash=sha256:{hashlib.sha256(content).hexdigest()}\n")
    return "".join(lines)


def pack(wheels: Path, archive: Path) -> None:
    """Put the files of a folder into one: the same files are the same archive, whoever packs them, where and when."""
    with tarfile.open(archive, "w") as tar:
        for file in sorted(wheels.iterdir()):
            entry = tarfile.TarInfo(file.name)
            entry.size, entry.mtime = file.stat().st_size, BEGINNING
            with file.open("rb") as content:
                tar.addfile(entry, content)


def sums(archives: Iterable[Path]) -> str:
    """The lines that `sha256sum --check` reads in the folder of these."""
    return "".join(f"{_sha256(archive)}  {archive.name}\n" for archive in sorted(archives))


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
