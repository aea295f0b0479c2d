"""Whether a release proves itself: decided from what systemd and the agent say. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Self

TURN: Final = frozenset({"listening", "sending", "thinking", "speaking", "finishing"})
"""States of the agent in which it serves a student."""

STABLE_S: Final = 60.0
"""How long a release has to run without a restart: three times the watchdog of the service."""

TRIAL_S: Final = 180.0
"""How long it may take until it is as good as the one before: relays restart, and links are dialled again."""


@dataclass(frozen=True, slots=True)
class Service:
    """What systemd says: ActiveState, InvocationID (another one after each start), NRestarts (by itself)."""

    state: str
    invocation: str
    restarts: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Take it from what `systemctl show` prints, a property a line."""
        said = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        return cls(said.get("ActiveState", ""), said.get("InvocationID", ""), said.get("NRestarts", ""))


@dataclass(frozen=True, slots=True)
class Standing:
    """What the agent says of itself."""

    state: str
    link_up: bool
    missing: frozenset[str]

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Take it from what `reading-corner status --json` prints; None if that is nothing of the kind."""
        try:
            record = json.loads(text)
            return cls(str(record["now"]["state"]), bool(record["link"]["up"]), frozenset(record["missing"]))
        except (ValueError, KeyError, TypeError):
            return None


def what_is_worse(before: Standing | None, after: Standing | None) -> str:
    """
    Compare how the agent is with how it was before the change; empty if it is as good.

    What did not work before does not have to work now: good software is not given up because a network is down, or a
    microphone unplugged. None stands for an agent that does not tell.
    """
    if before is None:
        return ""
    if after is None:
        return "it does not tell how it is"
    if lost := after.missing - before.missing:
        return f"it misses what was there before: {', '.join(sorted(lost))}"
    return "it does not reach the relay, which was reached before" if before.link_up and not after.link_up else ""


def judge(elapsed: float, started: Service, now: Service, worse: str) -> str | None:
    """
    Say why the release on trial is given up, "" if it is kept, None while it is too early for either.

    Args:
        elapsed: Seconds since it said that it is ready.
        started: The service at that moment.
        now: The service at this one.
        worse: What is not as good as before.

    """
    if now != started or now.state != "active":
        return "it did not keep running"
    if elapsed < STABLE_S or (worse and elapsed < TRIAL_S):
        return None
    return worse
