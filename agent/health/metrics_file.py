"""The file that node_exporter reads: always whole, readable for it, and never worth a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from agent.health.aside import aside

MODE: Final = 0o644
"""node_exporter is another user; the service's own umask lets nobody read."""

CURE: Final = "its folder has to be there, belong to the service's user, and stand in ReadWritePaths= of the unit"


class MetricsFile:
    """
    Written anew as often as there is something to write. Event loop only.

    Args:
        file: Where.
        trouble: Told in words when it can not be written; again only after it could be.

    """

    def __init__(self, file: Path, trouble: Callable[[str], None]) -> None:
        self._file, self._trouble = file, trouble
        self._writing: asyncio.Task[None] | None = None
        self._failed = False

    def put(self, text: str) -> None:
        """Begin to write; what comes before the last was written is left out."""
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(text), name="metrics file")
        else:
            self._become("the disk does not answer")

    async def _write(self, text: str) -> None:
        try:
            await aside(partial(write, self._file, text), "metrics file")
        except OSError as error:
            self._become(f"{str(error.strerror).lower()}: {CURE}")
        else:
            self._failed = False

    def _become(self, why: str) -> None:
        if not self._failed:
            self._trouble(f"metrics_file can not be written: {why}")
        self._failed = True


def write(file: Path, text: str) -> None:
    """
    Put the text in its place, in one step; blocks for as long as the disk takes.

    The file beside it ends in `.tmp`, so that node_exporter leaves it alone. It is not forced to the disk: that wears
    an SD card out, and after a power cut there will be a new one in a minute.

    Raises:
        OSError: If the folder is not there or can not be written to.

    """
    beside = file.with_name(f".{file.name}.tmp")
    beside.write_text(text, "utf-8")
    beside.chmod(MODE)
    beside.replace(file)
