"""What goes into the disk, by name. Pure."""

from __future__ import annotations

import hashlib
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
"""What the wheels that have to be compiled are compiled and linked against."""

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

PYTHON: Final = "3.13"


def key(*parts: bytes) -> str:
    """Make a name for what is made of exactly these parts, 16 hexadecimal digits."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()[:16]
