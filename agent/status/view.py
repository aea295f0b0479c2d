"""A health record as people read it: a page, and a screen that moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agent.durations import duration
from agent.health.record import BoardHealth, HealthRecord, LinkHealth, Spread, TurnNumbers
from agent.health.score import SILENCE_MS, START_MS
from agent.health.tally import spread

GOOD: Final = 90
FAIR: Final = 70
"""Scores from which on it is green, and yellow: one small deduction is nothing to look into, three are."""

BAR: Final = 20
"""Characters of a full meter."""

FULL_DEPTH_MS: Final = 500
"""Depth of the jitter buffer that fills its meter."""

ON_PAGE: Final = 10
"""Last turns on a page: what fits a screen together with the rest."""

MOST_REASONS: Final = 3
"""On a screen, so that the last turns are to be seen in a terminal of 24 lines; the page has all of them."""

LONGEST_NAME: Final = len("release to sound")

NOTHING: Final = "-"

Row = tuple[str, Text]
"""A name, and what there is to say."""


def sentence(record: HealthRecord) -> str:
    """How it is, in one line."""
    missing = [f"{name} missing" for name in record.missing]
    return "; ".join([record.now.state, _up_or_down(record.link), f"health {record.score}", *missing])


def page(record: HealthRecord) -> RenderableType:
    """Everything there is to know; what is long goes on in the next line."""
    heading = Text(sentence(record), style=f"bold {_style(record.score)}")
    reasons = [Text(f"• {reason}") for reason in record.reasons]
    return Group(heading, Text(), _rows(_facts(record)), *reasons, Text(), _last(record.turns.last[-ON_PAGE:]))


def screen(record: HealthRecord, height: int, trouble: str = "") -> RenderableType:
    """
    The moving picture: what moves first, and as many reasons and last turns as there is room for.

    Args:
        record: The newest.
        height: Lines of the terminal.
        trouble: Why there is no newer one, empty if this is how it is now.

    """
    heading = Text(sentence(record), style="dim" if trouble else f"bold {_style(record.score)}")
    rows = [*_moving(record), *_facts(record)]
    room = height - len(rows) - 3  # the heading, the trouble, and the last line
    reasons = [Text(f"• {reason}") for reason in record.reasons[: max(0, min(room, MOST_REASONS))]]
    turns = room - len(reasons) - 2  # an empty line, and the heads of the columns
    below: list[RenderableType] = [Text(), _last(record.turns.last[-turns:])] if turns > 0 else []
    above = [heading, Text(trouble, style="bold red")]
    for line in (*above, *reasons):
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*above, _rows(rows, cut=True), *reasons, *below, Text("q ends", style="dim"))


def _moving(record: HealthRecord) -> list[Row]:
    now = record.now
    return [
        ("now", Text(f"{now.state}, ring: {now.scene}, turn {now.turn}")),
        ("student", _meter(now.student_level)),
        ("tutor", _meter(now.tutor_level)),
        ("buffer", _meter(now.depth_ms / FULL_DEPTH_MS).append(f" {now.depth_ms} ms")),
    ]


def _facts(record: HealthRecord) -> list[Row]:
    turns, last = record.turns, record.turns.last
    ends = f"{turns.heard} heard, {turns.interrupted} interrupted, {turns.unanswered} unanswered"
    return [
        ("agent", Text(f"version {record.version}, up for {duration(record.up_s)}")),
        ("link", _link(record.link)),
        ("turns", Text(f"{ends}, {turns.dropped} dropped")),
        ("release to sound", _spread(turns.release_to_sound)),
        ("press to silence", _spread(turns.press_to_silence, SILENCE_MS)),
        ("start delay", _spread(spread(turn.start_delay_ms for turn in last), START_MS)),
        ("audio", _audio(last)),
        ("board", _board(record.board)),
        ("room", _room(record.board)),
    ]


def _link(link: LinkHealth) -> Text:
    trip = [] if link.round_trip_ms is None else [f"round trip {link.round_trip_ms} ms"]
    told = "; ".join([_up_or_down(link).removeprefix("link "), f"{link.reconnects} reconnects", *trip])
    return Text(told, style="" if link.up else "red")


def _up_or_down(link: LinkHealth) -> str:
    why = f" ({link.why})" if link.why and not link.up else ""
    return f"link {'up' if link.up else 'down'} for {duration(link.since_s)}{why}"


def _audio(last: Sequence[TurnNumbers]) -> Text:
    stalls = f"{sum(turn.stalls for turn in last)} stalls ({sum(turn.stalled_ms for turn in last)} ms)"
    concealed = f"{sum(turn.concealed_ms for turn in last)} ms concealed"
    xruns = sum(turn.underruns + turn.overruns for turn in last)
    return Text(f"{stalls}, {concealed}, {xruns} xruns in {len(last)} turns")


def _board(board: BoardHealth) -> Text:
    return _known(
        (f"{board.temperature_c} °C", board.temperature_c),
        ("supply too weak" if board.undervoltage else "supply well", board.undervoltage),
        ("clock set" if board.clock_synchronised else "clock not set", board.clock_synchronised),
        ("Wi-Fi saves power", board.wifi_power_save or None),
    )


def _room(board: BoardHealth) -> Text:
    return _known(
        ("disk read-only", board.disk_read_only or None),
        (f"{board.own_memory_mb} MB of memory taken", board.own_memory_mb),
        (f"{board.free_memory_mb} MB free", board.free_memory_mb),
        (f"{board.free_disk_mb} MB of disk free", board.free_disk_mb),
    )


def _known(*parts: tuple[str, float | None]) -> Text:
    return Text(", ".join(told for told, value in parts if value is not None) or NOTHING)


def _spread(times: Spread, budget_ms: int | None = None) -> Text:
    told = Text(f"p50 {_ms(times.p50_ms)}, p95 {_ms(times.p95_ms)}")
    if budget_ms is not None:
        is_over = times.p95_ms is not None and times.p95_ms > budget_ms
        told.append(f" (budget p95 {budget_ms} ms)", style="bold red" if is_over else "dim")
    return told


def _last(turns: Sequence[TurnNumbers]) -> Table:
    heads = ("turn", "end", "sound", "silence", "start", "stalled", "concealed", "xruns", "trip")
    drawn = Table(*heads, box=None, pad_edge=False, header_style="dim")
    for column in drawn.columns:
        column.no_wrap = True
    for turn in turns:
        drawn.add_row(*_numbers(turn))
    return drawn


def _numbers(turn: TurnNumbers) -> tuple[str, ...]:
    reply = (turn.release_to_sound_ms, turn.press_to_silence_ms, turn.start_delay_ms)
    audio = (_ms(turn.stalled_ms or None), _ms(turn.concealed_ms or None), str(turn.underruns + turn.overruns))
    return (str(turn.turn), turn.end, *(_ms(value) for value in reply), *audio, _ms(turn.round_trip_ms))


def _rows(rows: Iterable[Row], cut: bool = False) -> Table:
    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(no_wrap=True, style="dim", min_width=LONGEST_NAME)
    drawn.add_column(no_wrap=cut, overflow="ellipsis")
    for name, told in rows:
        drawn.add_row(name, told)
    return drawn


def _meter(share: float) -> Text:
    full = round(BAR * min(max(share, 0.0), 1.0))
    return Text("█" * full + "·" * (BAR - full))


def _ms(value: int | None) -> str:
    return NOTHING if value is None else f"{value} ms"


def _style(score: int) -> str:
    return "green" if score >= GOOD else "yellow" if score >= FAIR else "red"
