"""
What libraries log, through the same masks as our own lines.

A library may have been handed anything: the address with a token in it, a message with what a student said. So of a
record only the first line of its message is taken (asyncio puts representations of objects into the others), and of an
exception its type and where it came from, without its text unless it is the system's or our own.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from agent.errors import AgentError
from agent.journal.journal import Journal
from agent.journal.lines import Entry, Line, Priority
from agent.journal.masking import masked_thoroughly
from agent.observer import Fact

FRAMES: Final = 20
"""Of a traceback: where it broke, and how it came there."""


@contextmanager
def listen_to_libraries(journal: Journal) -> Iterator[None]:
    """Write the warnings and errors that libraries log, and Python's own warnings, until left. Any thread may log."""
    ear = _Ear(journal)
    root = logging.getLogger()
    root.addHandler(ear)
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.removeHandler(ear)


def broken(trouble: BaseException) -> Mapping[str, Fact]:
    """What may be told of an exception, as facts of a line: its type, and file, line and function of each frame."""
    return {"error": type(trouble).__name__, "traceback": masked_thoroughly("\n".join(_told(trouble)))}


def _told(trouble: BaseException) -> Iterator[str]:
    cause = trouble.__cause__ or (None if trouble.__suppress_context__ else trouble.__context__)
    if cause:
        yield from _told(cause)
        yield "which led to"
    for frame in traceback.extract_tb(trouble.__traceback__)[-FRAMES:]:
        yield f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}: {frame.line}"
    yield f"{type(trouble).__name__}: {_said(trouble)}".removesuffix(": ")


def _said(trouble: BaseException) -> str:
    """An exception's own words, where they can hold nothing that was said or handed over."""
    if isinstance(trouble, OSError):
        return trouble.strerror or ""
    return str(trouble) if isinstance(trouble, AgentError) else ""


class _Ear(logging.Handler):
    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        facts: dict[str, Fact] = {"logger": record.name}
        if record.exc_info and record.exc_info[1]:
            facts |= broken(record.exc_info[1])
        priority = Priority.ERROR if record.levelno >= logging.ERROR else Priority.WARNING
        message = f"{record.name}: {masked_thoroughly(_first_line(record))}"
        self._journal.tell(Entry(Line.LIBRARY, priority, message, facts, "library"))


def _first_line(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001 - somebody's __str__, or arguments that do not fit: the words alone will do
        text = str(record.msg)
    return text.partition("\n")[0]
