"""
The journal: one line for what a maintainer must know, with numbers as fields and never what was said.

Under systemd, journald gets native fields; elsewhere the same lines go to stderr with syslog priority prefixes,
which journald understands too. The time is the reader's business.
"""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Callable, Mapping
from typing import TextIO

from agent.link.token import redact
from agent.observer import Fact
from agent.units import Seconds

Send = Callable[[str, Mapping[str, str]], None]
"""Takes a message and its fields, PRIORITY and MESSAGE_ID among them."""


class Priority(enum.IntEnum):
    """Syslog levels, with what they promise to the reader."""

    ERROR = 3
    """Someone must act."""
    WARNING = 4
    """A class noticed."""
    INFO = 6
    """One line a turn and one a change of the link: a day fits on a screen."""
    DEBUG = 7
    """Every transition."""


class Line(enum.Enum):
    """Kinds of lines; the value is the MESSAGE_ID by which `journalctl MESSAGE_ID=...` finds them all."""

    STARTED = "f2c7e6a1d0b94c38a5e1b7c9d4f60213"
    STOPPED = "0a9d3c5e7b1f4e62b8c4d6f8a0e21357"
    LINK_UP = "6b1e8f3a2c4d4950a7b6c5d4e3f2a190"
    LINK_DOWN = "9c2f7a4b3d5e4a61b8c7d6e5f4a3b201"
    TURN = "3d8a5b6c7e9f4b72a9d8e7f6a5b4c312"
    DROPPED = "5e9b6c7d8fa04c83bae9f8a7b6c5d423"
    UNANSWERED = "93ce9fa0bcd34fb6edbccbdae9f8a756"
    DEVICE_FOUND = "a5dfa0b1cde450c7fecddcebfa09b867"
    DEVICE_LOST = "b7e0b1c2def561d80fdeedfc0b1ac978"
    PROMPT = "7fac7d8e9ab14d94cbfaa9b8c7d6e534"
    TROUBLE = "81bd8e9fabc24ea5dcabbac9d8e7f645"


class Journal:
    """
    An observer that writes.

    Args:
        send: Where lines go: `to_systemd()`, or `to_stream(sys.stderr)`.
        clock: Monotonic.
        least: Lines below this priority are not written.

    """

    def __init__(self, send: Send, clock: Callable[[], Seconds], least: Priority = Priority.INFO) -> None:
        self._send, self._clock, self._least = send, clock, least
        self._moments: dict[str, Seconds] = {}
        self._down_since: Seconds | None = None
        self._verdict: Fact = ""
        self._tries = 0

    def say(self, line: Line, priority: Priority, message: str, **facts: Fact) -> None:
        """Write one line; facts become AGENT_ fields."""
        if priority > self._least:
            return
        fields = {f"AGENT_{name.upper()}": redact(str(fact)) for name, fact in facts.items()}
        fields |= {"PRIORITY": str(int(priority)), "MESSAGE_ID": line.value, "AGENT_EVENT": line.name.lower()}
        self._send(redact(message), fields)

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """Take what the agent tells its observers; most of it waits for the line of its turn."""
        now = self._clock() if at is None else at
        match kind:
            case "link":
                self._link(now, facts)
            case "gate" | "sound" if kind == "sound" or not facts["open"]:
                self._moments[kind] = now
            case "heard" | "silence":
                self._turn(kind, facts)
            case "dropped":
                self.say(Line.DROPPED, Priority.WARNING, "speech dropped: nobody to send it to", **facts)
            case "unanswered":
                message = f"turn {facts['turn']} was not answered: {facts['why']}"
                self.say(Line.UNANSWERED, Priority.WARNING, message, **facts)
            case "device":
                self._device(facts)
            case "prompt":
                self.say(Line.PROMPT, Priority.INFO, f"said: {facts['name']}", **facts)
            case "trouble":
                self.say(Line.TROUBLE, Priority.WARNING, f"trouble: {facts['name']}", **facts)
            case "scene":
                self.say(Line.TURN, Priority.DEBUG, f"= {facts['name']}", **facts)
            case _:
                pass

    def _device(self, facts: Mapping[str, Fact]) -> None:
        line, priority = (Line.DEVICE_FOUND, Priority.INFO) if facts["found"] else (Line.DEVICE_LOST, Priority.ERROR)
        self.say(line, priority, f"{facts['which']} {'found' if facts['found'] else 'lost'}: {facts['what']}", **facts)

    def _link(self, now: Seconds, facts: Mapping[str, Fact]) -> None:
        """
        First failure a warning, repeats for the patient, recovery with how long and how many tries.

        A failure that asks for something else than the one before is no repeat: a network that comes up late must not
        hide a token that is refused.
        """
        if facts["up"]:
            since = 0.0 if self._down_since is None else now - self._down_since
            self.say(Line.LINK_UP, Priority.INFO, f"link up after {since:.1f} s and {self._tries} tries")
            self._down_since, self._tries, self._verdict = None, 0, ""
            return
        is_new = self._down_since is None or facts["verdict"] != self._verdict
        self._down_since, self._tries = now if self._down_since is None else self._down_since, self._tries + 1
        self._verdict = facts["verdict"]
        level = Priority.WARNING if is_new else Priority.DEBUG
        self.say(Line.LINK_DOWN, level, f"link down: {facts['why']}", attempt=self._tries, why=facts["why"])

    def _turn(self, kind: str, facts: Mapping[str, Fact]) -> None:
        if "sound" in self._moments and "gate" in self._moments:
            waited = round(1000 * (self._moments["sound"] - self._moments["gate"]))
            end = "interrupted" if kind == "silence" else "heard to the end"
            message = f"turn {facts['turn']}: first sound {waited} ms after release, {end}"
            self.say(Line.TURN, Priority.INFO, message, turn=facts["turn"], first_sound_ms=waited)
        self._moments.clear()


def to_stream(stream: TextIO) -> Send:
    """Lines with the syslog priority in front, one each."""

    def send(message: str, fields: Mapping[str, str]) -> None:
        print(f"<{fields['PRIORITY']}>{message}", file=stream, flush=True)

    return send


def to_systemd() -> Send:
    """Native fields for journald."""
    import systemd.journal

    def send(message: str, fields: Mapping[str, str]) -> None:
        systemd.journal.send(message, **fields)

    return send


def fitting(environ: Mapping[str, str], stream: TextIO = sys.stderr) -> Send:
    """Journald when `stream` leads there, which JOURNAL_STREAM tells by device and inode; else the stream itself."""
    try:
        leads_to = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return to_stream(stream)
    is_journal = environ.get("JOURNAL_STREAM") == f"{leads_to.st_dev}:{leads_to.st_ino}"
    return to_systemd() if is_journal else to_stream(stream)
