"""The disk of a machine that nobody has met: Debian, an account with a key and sudo, and no trace of the agent."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hw_tests.virtual_pi import guest
from hw_tests.virtual_pi.archive import Archive
from hw_tests.virtual_pi.disk import SIZE, put_files
from hw_tests.virtual_pi.host import run

ACCOUNT: Final = "it"

THERE: Final = ("sudo", "python3-venv", "python3-apt", "iw", "ca-certificates")
"""Besides the base what Raspberry Pi OS Lite has, as far as the role leans on it."""

FETCHED: Final = ("unattended-upgrades",)
"""What it has not, so that the role fetches it, with what that needs: from MIRROR, as the machine has no other way."""

MIRROR_PORT: Final = 8080
"""Where the machine finds a mirror of Debian, on its own loopback: the end of a tunnel."""

FILES: Final = {
    **{name: text for name, text in guest.FILES.items() if "reading-corner" not in name},
    "etc/hostname": "raspberrypi\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 raspberrypi\n",
    f"etc/sudoers.d/010_{ACCOUNT}-nopasswd": f"{ACCOUNT} ALL=(ALL) NOPASSWD: ALL\n",
    "etc/apt/sources.list": f"deb [trusted=yes] http://127.0.0.1:{MIRROR_PORT}/ ./\n",
}

QUIETLY: Final = {"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def make_blank(base: Path, folder: Path) -> None:
    """Make `disk.img`, and `mirror` with the packages that the role fetches, in `folder`."""
    tree = folder / "tree"
    run(["cp", "--archive", base / "root", tree])
    archive = folder / "archive"
    Archive(archive, "arm64")
    there = _fetch(archive, tree, THERE)
    (tree / "debs").mkdir()
    for package in there:
        package.rename(tree / "debs" / package.name)
    run(["chroot", tree, "sh", "-c", "dpkg --install /debs/*.deb"], env=QUIETLY)
    shutil.rmtree(tree / "debs")
    _make_mirror(folder / "mirror", _fetch(archive, tree, FETCHED))
    shutil.rmtree(archive)
    run(["chroot", tree, "useradd", "--create-home", "--shell", "/bin/bash", ACCOUNT], env=QUIETLY)
    put_files(tree, FILES, ("systemd-networkd.service",))
    run(["mkfs.ext4", "-q", "-F", "-L", "root", "-d", tree, folder / "disk.img", SIZE])
    shutil.rmtree(tree)


def _fetch(archive: Path, tree: Path, names: Sequence[str]) -> list[Path]:
    """Download packages, and what they need that is not in `tree`."""
    shutil.copy(tree / "var/lib/dpkg/status", archive / "state/status")
    env = {**os.environ, "APT_CONFIG": str(archive / "apt.conf")}
    run(["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "--download-only", *names], env=env)
    return sorted((archive / "cache/archives").glob("*.deb"))


def _make_mirror(folder: Path, packages: Sequence[Path]) -> None:
    """A list of packages, and they beside it (sources.list(5), "exact path")."""
    folder.mkdir()
    entries = []
    for package in packages:
        package.rename(folder / package.name)
        content = (folder / package.name).read_bytes()
        control = run(["dpkg-deb", "--field", folder / package.name])
        digest = hashlib.sha256(content).hexdigest()
        entries.append(f"{control}Filename: ./{package.name}\nSize: {len(content)}\nSHA256: {digest}\n")
    (folder / "Packages").write_text("\n".join(entries))
