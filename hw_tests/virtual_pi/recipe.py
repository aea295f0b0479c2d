"""What goes into the disk, by name. Pure."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from typing import Final

SUITE: Final = "trixie"
MIRROR: Final = "http://deb.debian.org/debian"

PACKAGES: Final = (
    *("systemd-sysv", "systemd-timesyncd", "udev", "dbus", "libpam-systemd", "openssh-server"),  # a headless Debian
    *("kmod", "procps", "iproute2", "netbase", "python3", "alsa-utils", "gpiod"),
)

KERNEL: Final = "linux-image-arm64"
"""Names the real package as what it depends on."""

SYSROOT: Final = ("libpython3.13-dev", "libasound2-dev", "libasound2t64", "libsystemd-dev", "libsystemd0")
"""What the wheels that have to be built are compiled and linked against."""

INITRD_MODULES: Final = ("crc32c_generic", "ext4", "virtio_blk")
"""What the root file system needs before it can bring the rest; ext4 asks for the first by a soft dependency only."""

COMPILER: Final = (
    *("python3.13-minimal", "libpython3.13-minimal", "libpython3.13-stdlib"),
    *("libc6", "zlib1g", "libexpat1"),
)
"""Debian's Python for this machine's own processor: compiles to the same byte code, and thirty times faster."""

STUBS: Final = ("usr/bin/py3compile", "usr/lib/python3.13/py_compile.py", "usr/bin/systemd-hwdb")
"""What packages run when they are installed that takes minutes under emulation: byte-compiling, done natively instead,
and the names of thousands of devices, done without."""

BUILT: Final = ("lgpio==0.2.2.0", "pyalsaaudio", "spidev==3.8", "systemd-python")
"""Have no wheel for this Python; with the version if `requirements.lock`, which knows no extra `pi`, has none."""

PLATFORMS: Final = (
    *("manylinux_2_34_aarch64", "manylinux_2_28_aarch64"),
    *("manylinux_2_17_aarch64", "manylinux2014_aarch64"),
)

PYTHON: Final = "3.13"

PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; (.*?))? \\$")
MARKER: Final = re.compile(r"python_full_version < '([0-9.]+)'|sys_platform == 'win32'")


def key(*parts: bytes) -> str:
    """Make a name for what is made of exactly these parts, 16 hexadecimal digits."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:16]


def dependencies(pyproject: str) -> list[str]:
    """Name what the project itself asks for, without versions."""
    asked = tomllib.loads(pyproject)["project"]["dependencies"]
    return [re.split(r"[ <>=;\[]", line, maxsplit=1)[0].lower() for line in asked]


def locked(lock: str, roots: Iterable[str]) -> list[str]:
    """
    Pick out of a lock file by uv what `roots` need on the machine, as NAME==VERSION.

    Each pin is followed by the names of those who asked for it; markers are only understood as far as uv writes them
    for Python's version and for Windows.
    """
    pins: dict[str, str] = {}
    wanted_by: dict[str, set[str]] = {}
    name = ""
    for line in lock.splitlines():
        if pin := PIN.match(line):
            name = pin[1] if _applies(pin[3] or "") else ""
            if name:
                pins[name], wanted_by[name] = f"{name}=={pin[2]}", set()
        elif name and line.startswith("    # ") and (asker := line[6:].removeprefix("via").strip()):
            wanted_by[name].add(asker)
    needed = set(roots) & pins.keys()
    while more := {name for name in pins.keys() - needed if wanted_by[name] & needed}:
        needed |= more
    return sorted(pins[name] for name in needed)


def _applies(marker: str) -> bool:
    found = MARKER.search(marker)
    if found is None:
        return True
    return found[1] is not None and _parts(PYTHON) < _parts(found[1])


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def built(pins: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part what has to be built from what comes as a wheel, both as NAME==VERSION."""
    by_name = {pin.split("==")[0]: pin for pin in pins}
    to_build = [by_name.get(wish, wish) for wish in BUILT]
    return to_build, [pin for pin in pins if pin not in to_build]
