"""The machine's journal, read as it is written: a test waits for what is told, never for a while."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from agent.journal.lines import Line, Priority
from hw_tests.virtual_pi.machine import Machine

UNIT: Final = "reading-corner.service"

UNIT_FAILED: Final = "d9b373ed55a64feb8242e02dbe79a49c"
"""systemd's own words: how a service ended (SD_MESSAGE_UNIT_FAILURE_RESULT)."""

MINUTE: Final = 60.0

Entry = Mapping[str, Any]


class NotTold(AssertionError):
    """The journal did not say it in time."""


@dataclass(slots=True)
class Journal:
    """
    Everything that was written since the machine's start, across its reboots.

    Threads: one reads, a test waits. Between them is one list that only grows, and a condition.
    """

    pi: Machine
    entries: list[Entry] = field(default_factory=list)
    _grown: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Read on for as long as the context lasts, from where it was read last."""
        after = f"--after-cursor='{self.entries[-1]['__CURSOR']}'" if self.entries else "--no-tail"
        command = self.pi.ssh_command(f"exec journalctl --follow --output=json --all {after}")
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
            thread = threading.Thread(target=self._read, args=(process,), name="journal")
            thread.start()
            try:
                yield
            finally:
                process.terminate()
                thread.join()

    def mark(self) -> int:
        """This moment, to look from: what was written before it is not found any more, however late it is read."""
        token = uuid4().hex
        since = len(self.entries)
        self.pi.ssh(f"echo {token} | systemd-cat --identifier=acceptance")
        self.until_any(lambda entry: entry.get("MESSAGE") == token, since, MINUTE, "a line of our own")
        return len(self.entries)

    def until(self, what: Line, since: int, within_s: float = MINUTE, **facts: object) -> Entry:
        """
        Wait for a line of the agent with these facts, such as `which="speaker"`, and return it.

        Raises:
            NotTold: If it is not told in time; with what was told instead.

        """
        wanted = {f"AGENT_{name.upper()}": str(fact) for name, fact in facts.items()}

        def is_it(entry: Entry) -> bool:
            return entry.get("MESSAGE_ID") == what.message_id and wanted.items() <= entry.items()

        return self.until_any(is_it, since, within_s, f"{what.name} {facts}")

    def until_failed(self, result: str, since: int, within_s: float = MINUTE, unit: str = UNIT) -> Entry:
        """Wait for systemd to tell that a service ended so, as `watchdog`. Raises NotTold."""

        def is_it(entry: Entry) -> bool:
            told = (entry.get("MESSAGE_ID"), entry.get("UNIT"), entry.get("UNIT_RESULT"))
            return told == (UNIT_FAILED, unit, result)

        return self.until_any(is_it, since, within_s, f"{unit} ended by {result}")

    def until_any(self, is_it: Callable[[Entry], bool], since: int, within_s: float, wanted: str) -> Entry:
        """Wait for any entry that is wanted. Raises NotTold."""
        deadline = time.monotonic() + within_s
        with self._grown:
            at = since
            while True:
                for entry in self.entries[at:]:
                    if is_it(entry):
                        return entry
                at = len(self.entries)
                if not self._grown.wait(timeout=deadline - time.monotonic()):
                    raise NotTold(f"not told within {within_s:g} s: {wanted}\n{self.told(since)}")

    def lines(self, what: Line, since: int) -> list[Entry]:
        """All lines of one kind since then."""
        return [entry for entry in self.entries[since:] if entry.get("MESSAGE_ID") == what.message_id]

    def troubles(self, since: int) -> list[str]:
        """
        What the agent told since then that a class noticed, or that somebody must act upon.

        Not its marks for health: that replies wait and the speaker runs dry here is the emulation's doing.
        """
        ours = (
            entry for entry in self.entries[since:] if entry.get("AGENT_EVENT", "health_changed") != "health_changed"
        )
        return [str(entry["MESSAGE"]) for entry in ours if int(entry["PRIORITY"]) <= Priority.WARNING]

    def told(self, since: int) -> str:
        """What was told of the service since then, for a person."""
        about = (entry for entry in self.entries[since:] if UNIT in (entry.get("UNIT"), entry.get("_SYSTEMD_UNIT")))
        return "\n".join(f"  {entry.get('SYSLOG_IDENTIFIER')}: {entry.get('MESSAGE')}" for entry in about)

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            with self._grown:
                self.entries.append(json.loads(line))
                self._grown.notify_all()
