"""
One number for a fleet's table, and why it is not 100, in words for IT.

`SCALE` is all of it; `agent.health.scale` prints it into README. What stops teaching takes off more than half, and no
other thing does by itself. Turns, losses and drops count for an hour: a corner that recovers is told by its score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agent.board.limits import (
    AIR,
    CARD_WORN,
    HOT_C,
    LITTLE_DISK_MB,
    LITTLE_MEMORY_MB,
    MAKE_ROOM,
    NO_POWER_SAVE,
    OWN_MEMORY_MB,
    STOP_OTHERS,
    SUPPLY,
    TIME_SERVER,
)
from agent.health.record import BoardHealth, LinkHealth, TurnNumbers
from agent.health.tally import Recent, spread

DOWN_S: Final = 8.0
"""So long speech waits for the link (`offline_patience_s`): a reconnect that takes less costs nobody a turn."""

LOSSES: Final = 3
"""In an hour. Wi-Fi may roam and a relay may be restarted once."""

SLOW_MS: Final = 4000
"""The design has no budget, for the tutor's own time is in it. Twice the 2 s that a conversation bears (R. B. Miller,
"Response time in man-computer conversational transactions", 1968)."""

SILENCE_MS: Final = 10
START_MS: Final = 30
"""Budgets of the design: press to silent speaker, p95; first delta to first sample, 20 ms and a period."""

SLOW_SILENCE_MS: Final = 30
"""The design's budget of the p99: a p95 above it is no accident of a busy moment."""

XRUNS: Final = 6
"""In an hour. The budget is none; a bare loop on a sound server had as many (README, Figures)."""

ENOUGH: Final = 5
"""Turns below which a percentile or a share says nothing: one slow answer is no trouble."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is judged."""

    link: LinkHealth
    recent: Recent
    board: BoardHealth
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points for something that is wrong; `reason` says what was found and what to do, or None when it is right."""

    points: int
    when: str
    source: str
    reason: Callable[[Evidence], str | None]


def judge(evidence: Evidence) -> tuple[int, tuple[str, ...]]:
    """Return 0 to 100, and a reason for each deduction, the gravest first."""
    found = [(deduction.points, reason) for deduction in SCALE if (reason := deduction.reason(evidence))]
    return max(0, 100 - sum(points for points, _ in found)), tuple(reason for _, reason in found)


def _down(seen: Evidence) -> str | None:
    link = seen.link
    return None if link.up or link.since_s <= DOWN_S else f"the link is down for {link.since_s:.0f} s: {link.why}"


def _missing(seen: Evidence) -> str | None:
    return f"missing: {', '.join(seen.missing)}: plug it in; it is found without a restart" if seen.missing else None


def _flapping(seen: Evidence) -> str | None:
    losses = seen.recent.losses
    return f"the link was lost {losses} times in an hour: Wi-Fi or the school's filter" if losses >= LOSSES else None


def _unanswered(seen: Evidence) -> str | None:
    count = sum(turn.end == "unanswered" for turn in seen.recent.turns)
    return _share(count, seen.recent.turns, 5, "were not answered: look at the relay and its tutor")


def _dropped(seen: Evidence) -> str | None:
    dropped = seen.recent.dropped
    return f"speech was dropped {dropped} times in an hour: nobody to send it to" if dropped else None


def _slow(seen: Evidence) -> str | None:
    median = _percentile(seen, lambda turn: turn.release_to_sound_ms, 50)
    return None if median is None or median <= SLOW_MS else f"answers begin after {median} ms (p50): relay or network"


def _silence(seen: Evidence) -> str | None:
    slow = _percentile(seen, lambda turn: turn.press_to_silence_ms, 95)
    return None if slow is None or slow <= SLOW_SILENCE_MS else f"a press silences after {slow} ms (p95): {STOP_OTHERS}"


def _start(seen: Evidence) -> str | None:
    median = _percentile(seen, lambda turn: turn.start_delay_ms, 50)
    return None if median is None or median <= START_MS else f"replies wait {median} ms here (p50): {STOP_OTHERS}"


def _stalls(seen: Evidence) -> str | None:
    stalled = sum(turn.stalls > 0 for turn in seen.recent.turns)
    return _share(stalled, seen.recent.turns, 4, "had holes: the network is slower than speech")


def _xruns(seen: Evidence) -> str | None:
    count = sum(turn.underruns + turn.overruns for turn in seen.recent.turns)
    return f"{count} underruns and overruns in an hour: {STOP_OTHERS}" if count > XRUNS else None


def _share(count: int, turns: tuple[TurnNumbers, ...], most: int, what: str) -> str | None:
    too_many = len(turns) >= ENOUGH and count * most > len(turns)
    return f"{count} of the last {len(turns)} turns {what}" if too_many else None


def _percentile(seen: Evidence, of: Callable[[TurnNumbers], int | None], percent: int) -> int | None:
    known = [value for turn in seen.recent.turns if (value := of(turn)) is not None]
    if len(known) < ENOUGH:
        return None
    found = spread(known)
    return found.p50_ms if percent == 50 else found.p95_ms


def _power(seen: Evidence) -> str | None:
    return f"under-voltage: {SUPPLY}" if seen.board.undervoltage else None


def _heat(seen: Evidence) -> str | None:
    celsius = seen.board.temperature_c
    hot = celsius is not None and celsius >= HOT_C
    return f"{celsius:.0f} °C, the processor is being slowed down: {AIR}" if hot else None


def _read_only(seen: Evidence) -> str | None:
    return f"the disk is read-only: {CARD_WORN}" if seen.board.disk_read_only else None


def _disk(seen: Evidence) -> str | None:
    return _too_little(seen.board.free_disk_mb, LITTLE_DISK_MB, "of disk", MAKE_ROOM)


def _memory(seen: Evidence) -> str | None:
    return _too_little(seen.board.free_memory_mb, LITTLE_MEMORY_MB, "of memory", STOP_OTHERS)


def _own_memory(seen: Evidence) -> str | None:
    own = seen.board.own_memory_mb
    return None if own is None or own < OWN_MEMORY_MB else f"the agent takes {own:.0f} MB: tell its maintainers"


def _too_little(amount: int | None, least: int, of: str, advice: str) -> str | None:
    return None if amount is None or amount >= least else f"{amount} MB {of} left: {advice}"


def _clock(seen: Evidence) -> str | None:
    return f"the clock is not synchronised: {TIME_SERVER}" if seen.board.clock_synchronised is False else None


def _wifi(seen: Evidence) -> str | None:
    return f"Wi-Fi saves power, answers come late: {NO_POWER_SAVE}" if seen.board.wifi_power_save else None


SCALE: Final = (
    Deduction(60, f"the link is down for more than {DOWN_S:.0f} s", "nobody can be taught", _down),
    Deduction(60, "microphone, speaker or ring is missing", "nobody can be taught", _missing),
    Deduction(
        20, f"{LOSSES} or more unplanned losses of the link in an hour", "one or two are a network's life", _flapping
    ),
    Deduction(20, "more than a fifth of the turns was not answered", "a child gives up sooner", _unanswered),
    Deduction(20, "the disk is read-only", "SD cards do so when they die", _read_only),
    Deduction(15, "speech was dropped in the last hour", "nothing a child said may be lost", _dropped),
    Deduction(15, "under-voltage", "the board slows down, USB cards drop out", _power),
    Deduction(15, f"{HOT_C:.0f} °C or more", "where the firmware slows the processor down", _heat),
    Deduction(
        10, f"answers begin after more than {SLOW_MS / 1000:.0f} s (p50)", "twice what a conversation bears", _slow
    ),
    Deduction(10, f"a press silences after more than {SLOW_SILENCE_MS} ms (p95)", "the design's p99", _silence),
    Deduction(10, "more than a quarter of the turns had holes", "a chopped voice is no tutor's", _stalls),
    Deduction(10, f"more than {XRUNS} underruns and overruns in an hour", "what a bare loop has", _xruns),
    Deduction(10, f"less than {LITTLE_MEMORY_MB} MB of memory", "twice what the agent may take", _memory),
    Deduction(10, f"the agent takes {OWN_MEMORY_MB} MB or more", "twice what it should", _own_memory),
    Deduction(10, f"less than {LITTLE_DISK_MB} MB of disk", "room for an update", _disk),
    Deduction(10, "the clock is not synchronised", "certificates fail after the next start", _clock),
    Deduction(10, "Wi-Fi saves power", "answers come seconds late", _wifi),
    Deduction(5, f"replies wait more than {START_MS} ms to sound (p50)", "budget of the design", _start),
)
"""Everything that takes points off, the gravest first."""
