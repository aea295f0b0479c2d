"""The observer that writes: what is worth a line, within what there is room for, without what must not be read."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from agent.journal.budget import Budget
from agent.journal.editor import Editor
from agent.journal.fields import fields, one_line
from agent.journal.lines import Entry, Line, Priority
from agent.journal.sending import Send
from agent.observer import Fact
from agent.units import Seconds


class Journal:
    """
    An observer that writes. A journal that can not be written is no reason to stop teaching: the line is lost.

    Threads: any but the audio threads, for writing may wait. What decides is locked, the writing itself is not: a loop
    that hangs in it keeps nobody else from telling so.

    Args:
        send: Where lines go, as `fitting` says.
        clock: Monotonic.
        least: Lines below this priority are not written.

    """

    def __init__(self, send: Send, clock: Callable[[], Seconds], least: Priority = Priority.INFO) -> None:
        self._send, self._clock, self._least = send, clock, least
        self._editor, self._budget = Editor(), Budget()
        self._deciding = threading.Lock()

    def say(self, line: Line, priority: Priority, message: str, /, **facts: Fact | None) -> None:
        """Write one line, whatever the budget; facts whose names `agent.journal.fields` knows become AGENT_ fields."""
        if priority <= self._least:
            with contextlib.suppress(OSError):
                self._send(one_line(message), fields(line, priority, facts))

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """Take what the agent tells its observers."""
        now = self._clock() if at is None else at
        with self._deciding:
            entries = [line for entry in self._editor.told(kind, facts, now) for line in self._budget.offer(entry, now)]
            if kind == "health":  # once a minute
                entries += self._budget.due(now)
        self._write(entries)

    def tell(self, entry: Entry) -> None:
        """Write an entry, if there is room for it."""
        with self._deciding:
            entries = self._budget.offer(entry, self._clock())
        self._write(entries)

    def _write(self, entries: list[Entry] | tuple[Entry, ...]) -> None:
        for entry in entries:
            self.say(entry.line, entry.priority, entry.message, **entry.facts)
