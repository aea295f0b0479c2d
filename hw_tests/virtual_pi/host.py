"""What the machine that emulates has to have, and how its programs are run."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from agent.errors import AgentError

PROGRAMS: Final = {
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-img": "qemu-utils",
    "qemu-aarch64-static": "qemu-user-static",
    "mmdebstrap": "mmdebstrap",
    "arch-test": "arch-test",  # mmdebstrap wants it for another architecture
    "fdtput": "device-tree-compiler",
    "mkfs.ext4": "e2fsprogs",
    "depmod": "kmod",
    "ssh": "openssh-client",
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
    "swig": "swig",
    "pkg-config": "pkg-config",
    "openssl": "openssl",
}
FILES: Final = {
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"): "debian-archive-keyring",
    Path("/usr/aarch64-linux-gnu/include/stdio.h"): "libc6-dev-arm64-cross",
}

SBIN: Final = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where mkfs.ext4 and depmod are, which is not in everybody's PATH."""


class Trouble(AgentError):
    """A program failed, or what it should have made is not there."""


def lacking() -> list[str]:
    """Name the Debian packages that are not here, by what they hold: it may have come some other way."""
    programs = [package for name, package in PROGRAMS.items() if not _found(name)]
    return sorted(programs + [package for path, package in FILES.items() if not path.exists()])


def run(argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """
    Run a program to its end and return what it printed.

    Raises:
        Trouble: If it fails; with the end of what it said.

    """
    words = [_found(str(argv[0])) or str(argv[0]), *(str(word) for word in argv[1:])]
    try:
        done = subprocess.run(words, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    except OSError as trouble:
        raise Trouble(f"{words[0]}: {trouble.strerror}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise Trouble(f"{Path(words[0]).name} ended with {done.returncode}: {said}")
    return done.stdout


def end(pid: int, patience_s: float) -> None:
    """
    End a process that need be no child of ours, by force after a while; one that has ended is fine.

    Raises:
        Trouble: If it does not end for all that.

    """
    with suppress(ProcessLookupError), os.fdopen(os.pidfd_open(pid)) as process:
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(process.fileno(), number)
            if select.select([process], [], [], patience_s)[0]:
                return
        raise Trouble(f"process {pid} does not end")


def _found(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path=SBIN)
