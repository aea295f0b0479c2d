"""The parts of a support bundle, gathered first, then listed, then written at once."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.errors import BadInput
from agent.support.redaction import redacted

FOLDER: Final = "reading-corner-support"
"""What unpacks from the archive: one folder, wherever it is opened."""

PRIVATE: Final = 0o600
"""For whoever made it: it names the school and its network."""


@dataclass(frozen=True, slots=True)
class Source:
    """One part before it is gathered; `what` says what is in it, for the list."""

    name: str
    what: str
    gather: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive, redacted."""

    name: str
    what: str
    data: bytes


def gathered(sources: Iterable[Source], secrets: Sequence[str]) -> tuple[Part, ...]:
    """Ask every source; one that fails leaves a line that says so, for a ticket about a broken device has to go out."""
    return tuple(
        Part(source.name, source.what, redacted(_told(source), secrets).encode("utf-8", "replace"))
        for source in sources
    )


def listed(parts: Sequence[Part]) -> str:
    """One line a part: its name, its size in kB, what is in it."""
    width = max(len(part.name) for part in parts)
    return "\n".join(f"  {part.name:{width}}  {len(part.data) / 1000:8.1f} kB  {part.what}" for part in parts)


def write(parts: Sequence[Part], file: Path) -> None:
    """
    Write all parts into a new .tar.gz that only its owner may read: whole, or not at all.

    Raises:
        BadInput: If the file is there already, or can not be written.

    """
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for part in parts:
            member = tarfile.TarInfo(f"{FOLDER}/{part.name}")
            member.size, member.mode = len(part.data), PRIVATE
            tar.addfile(member, io.BytesIO(part.data))
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except OSError as trouble:
        raise _unwritable(file, trouble) from None
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(archive.getvalue())
    except OSError as trouble:
        file.unlink(missing_ok=True)
        raise _unwritable(file, trouble) from None


def _unwritable(file: Path, trouble: OSError) -> BadInput:
    return BadInput(str(file), trouble.strerror or "an error", "a new file, in a folder with room for it")


def _told(source: Source) -> str:
    try:
        return source.gather()
    except Exception as trouble:  # noqa: BLE001 - whatever is broken here is what the ticket is about
        return f"could not be gathered: {type(trouble).__name__}: {trouble}\n"
