"""From a timeline to what it says of each turn: was it answered, and how long did each part take."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table
from rich.text import Text

from agent.observer import Fact
from agent.simulator.timeline import Record

TAP_MS: Final = 200.0
"""A gate that was open for less was a tap: 150 ms of audio, and what a period and the debouncing may add."""

Ms = float | None
"""A duration in milliseconds; None where one of its ends did not happen."""


class Outcome(enum.Enum):
    """What became of a turn."""

    ANSWERED = "answered"
    INTERRUPTED = "interrupted"
    """By the student, while the reply was audible: answered all the same."""
    UNANSWERED = "not answered"
    UNFINISHED = "not finished"
    LOST = "lost"
    """Something the student said was dropped."""


ANSWERS: Final = frozenset({Outcome.ANSWERED, Outcome.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class TurnReport:
    """One turn. "Delta" is the first audio that arrived, "sound" the first sample that the speaker took."""

    turn: int
    outcome: Outcome
    release_to_commit: Ms
    commit_to_delta: Ms
    delta_to_sound: Ms
    release_to_sound: Ms
    press_to_silence: Ms
    stalls: int
    stalled: float
    lost: float


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """The link came up or went down, and why."""

    at_ms: float
    up: bool
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """Every turn (a tap is none), and the link."""

    turns: tuple[TurnReport, ...]
    link: tuple[LinkEvent, ...]

    def passed(self) -> bool:
        """Whether there was a turn, every turn was answered, and nothing the student said was lost."""
        return bool(self.turns) and all(turn.outcome in ANSWERS for turn in self.turns)


def report(records: Sequence[Record]) -> Report:
    """Measure every turn; `records` in the order in which they happened."""
    opened = dict.fromkeys(int(record.facts["turn"]) for record in records if record.kind == "gate")
    turns = (_measure(turn, records) for turn in opened if not _was_tap(turn, records))
    link = (LinkEvent(r.at_ms, bool(r.facts["up"]), str(r.facts.get("why", ""))) for r in records if r.kind == "link")
    return Report(tuple(turns), tuple(link))


def percentile(values: Iterable[float], percent: float) -> Ms:
    """Nearest rank; None of nothing."""
    ordered = sorted(values)
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1] if ordered else None


def _was_tap(turn: int, records: Sequence[Record]) -> bool:
    opened, closed = _first(records, "gate", turn=turn, open=True), _first(records, "gate", turn=turn, open=False)
    open_for = _between(opened, closed)
    went_on = any(_first(records, kind, turn=turn) is not None for kind in ("commit", "dropped"))
    return open_for is not None and open_for < TAP_MS and not went_on


def _measure(turn: int, records: Sequence[Record]) -> TurnReport:
    opened = _first(records, "gate", turn=turn, open=True)
    release = _first(records, "button", since=opened, down=False)
    delta, sound = _first(records, "delta", turn=turn), _first(records, "sound", turn=turn)
    silence = _first(records, "silence", since=sound, turn=turn)
    press = _last(records, "button", until=silence, down=True)
    barged_in = press is not None and sound is not None and press >= sound  # else it was silenced by the end
    stalls = [float(record.facts["ms"]) for record in _all(records, "stall", turn=turn)]
    return TurnReport(
        turn,
        _outcome(turn, records),
        _between(release, _first(records, "commit", turn=turn)),
        _between(_last(records, "commit", until=delta, turn=turn), delta),
        _between(delta, sound),
        _between(release, sound),
        _between(press, silence) if barged_in else None,
        len(stalls),
        sum(stalls),
        sum(float(record.facts["ms"]) for record in _all(records, "dropped", turn=turn)),
    )


def _outcome(turn: int, records: Sequence[Record]) -> Outcome:
    if _all(records, "dropped", turn=turn):
        return Outcome.LOST
    sound = _first(records, "sound", turn=turn)
    if sound is None:
        closed = _first(records, "gate", turn=turn, open=False)
        return Outcome.UNFINISHED if closed is None else Outcome.UNANSWERED
    heard, silence = _first(records, "heard", turn=turn), _first(records, "silence", since=sound, turn=turn)
    if heard is not None:
        return Outcome.ANSWERED
    return Outcome.UNFINISHED if silence is None else Outcome.INTERRUPTED


def _all(records: Iterable[Record], kind: str, **facts: Fact) -> list[Record]:
    return [r for r in records if r.kind == kind and all(r.facts.get(name) == fact for name, fact in facts.items())]


def _first(records: Iterable[Record], kind: str, *, since: Ms = -math.inf, **facts: Fact) -> Ms:
    """When it first happened at or after `since`; None if it did not, or if `since` did not."""
    moments = (r.at_ms for r in _all(records, kind, **facts) if since is not None and r.at_ms >= since)
    return min(moments, default=None)


def _last(records: Iterable[Record], kind: str, *, until: Ms, **facts: Fact) -> Ms:
    moments = (r.at_ms for r in _all(records, kind, **facts) if until is not None and r.at_ms <= until)
    return max(moments, default=None)


def _between(begin: Ms, end: Ms) -> Ms:
    """None too when they happened the other way round: then the one was not because of the other."""
    return None if begin is None or end is None or end < begin else round(end - begin, 2)


@dataclass(frozen=True, slots=True)
class _Measure:
    title: str
    of: Callable[[TurnReport], Ms]
    budget: float = math.inf


MEASURES: Final = (
    _Measure("release\nto\ncommit", lambda turn: turn.release_to_commit, 25),
    _Measure("commit\nto\ndelta", lambda turn: turn.commit_to_delta),
    _Measure("delta\nto\nsound", lambda turn: turn.delta_to_sound, 30),
    _Measure("release\nto\nsound", lambda turn: turn.release_to_sound),
    _Measure("press\nto\nsilence", lambda turn: turn.press_to_silence, 30),
)
"""Budgets in ms: commit and silence of the design's section 6; sound is 20 ms of start delay and one period."""


def table(report: Report) -> Table:
    """Draw a row for each turn, percentiles, budgets (`!` is over budget), and the link underneath. In milliseconds."""
    drawn = Table(title="Turns (ms)", caption=_link_line(report.link), caption_justify="left")
    drawn.add_column("turn", justify="right")
    drawn.add_column("outcome", no_wrap=True)
    for measure in MEASURES:
        drawn.add_column(measure.title, justify="right")
    drawn.add_column("stalls\n(ms)", justify="right")
    for turn in report.turns:
        figures = [_figure(measure.of(turn), measure.budget) for measure in MEASURES]
        drawn.add_row(str(turn.turn), _outcome_text(turn), *figures, _stalls_text(turn))
    drawn.add_section()
    for percent in (50, 95):
        over = [percentile(_known(measure.of(turn) for turn in report.turns), percent) for measure in MEASURES]
        drawn.add_row("", f"p{percent}", *(_figure(value, m.budget) for value, m in zip(over, MEASURES, strict=True)))
    drawn.add_row("", "budget", *("" if math.isinf(m.budget) else f"{m.budget:.0f}" for m in MEASURES))
    return drawn


def _known(values: Iterable[Ms]) -> list[float]:
    return [value for value in values if value is not None]


def _figure(value: Ms, budget: float) -> Text:
    if value is None:
        return Text("-", "dim")
    return Text(f"{value:.1f}") if value <= budget else Text(f"{value:.1f}!", "bold red")


def _outcome_text(turn: TurnReport) -> Text:
    lost = f" {turn.lost:.0f} ms" if turn.lost else ""
    return Text(turn.outcome.value + lost, "green" if turn.outcome in ANSWERS else "bold red")


def _stalls_text(turn: TurnReport) -> str:
    return f"{turn.stalls} ({turn.stalled:.0f})" if turn.stalls else "0"


def _link_line(link: Sequence[LinkEvent]) -> Text:
    events = (f"{'up' if e.up else 'down'} at {e.at_ms / 1000:.2f} s{f' ({e.why})' if e.why else ''}" for e in link)
    return Text("link: " + (", ".join(events) or "never up"))
