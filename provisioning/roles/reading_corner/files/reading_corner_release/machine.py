"""The device: its files, programs, journal and clock. A power cut comes before or after what is done here."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

BASE: Final = Path("/opt/reading-corner")
JOURNAL: Final = Path("/run/systemd/journal/socket")
"""Takes datagrams: a field a line (systemd's docs/JOURNAL_NATIVE_PROTOCOL.md)."""


class Machine:
    """All of it, below `base` and at `journal`. OSError when it refuses."""

    def __init__(self, base: Path = BASE, journal: Path = JOURNAL) -> None:
        self.base, self.journal = base, journal

    def symlink(self, target: str, path: Path) -> None:
        """Make a link; FileExistsError if something is there."""
        path.symlink_to(target)

    def rename(self, path: Path, to: Path) -> None:
        """Give a link or file another name, over what is there."""
        path.replace(to)

    def unlink(self, path: Path) -> None:
        """Remove a link or file, if it is there."""
        path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        """And those above; or find it there."""
        path.mkdir(parents=True, exist_ok=True)

    def remove_folder(self, path: Path) -> None:
        """With all that is in it: a cut leaves part of it."""
        shutil.rmtree(path)

    def write(self, path: Path, text: str) -> None:
        """Make a file."""
        path.write_text(text, "utf-8")

    def fsync(self, path: Path) -> None:
        """Wait until a file's content, or a folder's names and links, are on the disk."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def sync(self) -> None:
        """Wait until everything is on the disk: once instead of for each file of a release."""
        os.sync()

    def run(self, *command: str | Path, within: float, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
        """
        Run a program; return its exit status and what it said: stdout if that is 0, else stderr.

        A program that takes longer than `within` seconds, or is not there, has failed too.
        """
        try:
            done = subprocess.run(  # noqa: S603  (no shell, and versions are checked)
                command,
                env={**os.environ, **(environ or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=within,
            )
        except subprocess.TimeoutExpired:
            return -1, f"{command[0]} took longer than {within:.0f} s"
        except OSError as error:
            return -1, str(error)
        return done.returncode, done.stderr if done.returncode else done.stdout

    def tell_journal(self, fields: Mapping[str, str]) -> None:
        """Write a line; without a journal, to stderr."""
        datagram = "".join(f"{name}={value}\n" for name, value in fields.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
                journal.sendto(datagram.encode(), os.fspath(self.journal))
        except OSError:
            print(fields["MESSAGE"], file=sys.stderr)

    def hold_on(self) -> None:
        """From here on a lost SSH connection, Ctrl-C and the like do not end this program."""
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    def clock(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)
