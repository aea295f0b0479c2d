"""Debian's archive, for packages that are only unpacked: natively, in a second, without running anything of theirs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from hw_tests.virtual_pi.host import run
from hw_tests.virtual_pi.recipe import MIRROR, SUITE

CONF = """\
APT::Architecture "{arch}"; APT::Architectures {{ "{arch}"; }};
Dir::Etc "{folder}/etc"; Dir::Cache "{folder}/cache";
Dir::State "{folder}/state"; Dir::State::status "{folder}/state/status";
APT::Sandbox::User "root"; Acquire::Languages "none";
"""
SOURCE = "deb [arch={arch} signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} {suite} main\n"


class Archive:
    """The packages of one architecture; nothing of this machine's own apt is used or changed."""

    def __init__(self, folder: Path, arch: str) -> None:
        self._folder = folder
        for name in ("etc/apt.conf.d", "etc/preferences.d", "state/lists/partial", "cache/archives/partial", "debs"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "state/status").touch()
        (folder / "etc/sources.list").write_text(SOURCE.format(arch=arch, mirror=MIRROR, suite=SUITE))
        (folder / "apt.conf").write_text(CONF.format(arch=arch, folder=folder))
        self._env = {**os.environ, "APT_CONFIG": str(folder / "apt.conf")}
        run(["apt-get", "update", "--quiet"], env=self._env)

    def depends(self, package: str) -> str:
        """Name the first package that this one depends on."""
        said = run(["apt-cache", "depends", "--important", package], env=self._env)
        return next(line.split()[1] for line in said.splitlines() if "Depends:" in line)

    def unpack(self, packages: Iterable[str], into: Path) -> None:
        """Lay their files there; their scripts are not run."""
        into.mkdir(parents=True, exist_ok=True)
        for package in packages:
            run(["apt-get", "download", "--quiet", package], env=self._env, cwd=self._folder / "debs")
            newest = max((self._folder / "debs").glob(f"{package}_*.deb"))
            run(["dpkg-deb", "--extract", newest, into])
