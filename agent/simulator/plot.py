"""A timeline as a picture: loudness, button, ring, link and events on one time axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent.errors import BadInput
from agent.observer import Fact
from agent.session.effects import Scene
from agent.simulator.timeline import Level, Record, Timeline, Which

if TYPE_CHECKING:  # an optional extra: imported where it is needed
    from matplotlib.axes import Axes

INCHES_PER_S: Final = 0.45
NARROWEST_IN, WIDEST_IN = 12.0, 60.0
"""250 ms between deltas can be told apart; a lesson of more than two minutes gets narrower seconds."""

LETTER_IN: Final = 0.085
"""The width of a small letter of a band's name: a name that does not fit its band is told by the legend alone."""

QUIETEST_DBFS: Final = -60.0
"""The lower end of the loudness axes: a quiet room."""

SCENES: Final[Mapping[Fact, str]] = {
    Scene.CONNECTING.value: "#d9d9d9",
    Scene.READY.value: "#e3f1e3",
    Scene.LISTENING.value: "#7fb8ff",
    Scene.LISTENING_OFFLINE.value: "#b9a6ff",
    Scene.SENDING.value: "#bfe3ff",
    Scene.THINKING.value: "#ffe08a",
    Scene.SPEAKING.value: "#7ed491",
    Scene.ASK_ADULT.value: "#ff9d8a",
    Scene.LATER.value: "#ffc08a",
    Scene.CLOCK.value: "#e0b8d8",
    Scene.BUTTON_FAULT.value: "#ff7a7a",
    Scene.DARK.value: "#8c8c8c",
}
"""For paper: pale enough for black letters, unlike the ring's own."""

HELD, DOWN = "#7fb8ff", "#ff7a7a"

MARKS: Final = (
    ("commit", "commit", "v", "#1f4fa3"),
    ("delta", "reply arrives", "|", "#2b8a3e"),
    ("sound", "first sound", "^", "#2b8a3e"),
    ("silence", "made silent", "s", "#b02a2a"),
    ("heard", "heard to the end", "o", "#2b8a3e"),
    ("stall", "stall", "X", "#b02a2a"),
    ("dropped", "speech dropped", "X", "#b02a2a"),
    ("prompt", "prompt", "D", "#8a5a00"),
)
"""Record kind, what its row is called, its mark and colour."""


def plot(timeline: Timeline, file: Path) -> None:
    """
    Draw the timeline into a PNG file.

    Raises:
        BadInput: If matplotlib is not installed, or the file can not be written.

    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        expected = "matplotlib: pip install 'reading-corner-agent[plot]'"
        raise BadInput("--plot", "no matplotlib to draw with", expected) from None
    records, end = timeline.records(), _end(timeline)
    width = min(max(end * INCHES_PER_S, NARROWEST_IN), WIDEST_IN)
    figure = Figure(figsize=(width, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    microphone, speaker, bands, marks = figure.subplots(4, 1, sharex=True, height_ratios=(2, 2, 1.6, 3))
    _draw_level(microphone, "microphone", timeline.levels(Which.MICROPHONE), "#1f6fd6")
    _draw_level(speaker, "speaker", timeline.levels(Which.SPEAKER), "#2b8a3e")
    _draw_bands(bands, records, end, end / width * LETTER_IN)
    _draw_marks(marks, records)
    _shade((microphone, speaker, marks), records, end)
    marks.set_xlim(0, end)
    marks.locator_params(axis="x", nbins=int(width * 1.5))
    marks.set_xlabel("seconds; shaded: button held, link down")
    try:
        figure.savefig(file, format="png", dpi=110)
    except OSError as error:
        raise BadInput(str(file), str(error.strerror).lower(), "a file that can be written") from None


def _end(timeline: Timeline) -> float:
    moments = [record.at_ms for record in timeline.records()]
    moments += [levels[-1].at_ms for which in Which if (levels := timeline.levels(which))]
    return max(moments, default=0) / 1000 or 1.0


def _draw_level(axes: Axes, name: str, levels: Sequence[Level], colour: str) -> None:
    seconds = [level.at_ms / 1000 for level in levels]
    axes.fill_between(seconds, [max(level.dbfs, QUIETEST_DBFS) for level in levels], QUIETEST_DBFS, color=colour, lw=0)
    axes.set_ylim(QUIETEST_DBFS, 0)
    axes.set_ylabel(f"{name}\ndBFS")
    axes.grid(axis="both", alpha=0.3)


def _draw_bands(axes: Axes, records: Sequence[Record], end: float, letter_s: float) -> None:
    rows: tuple[tuple[str, str, Mapping[Fact, str], Mapping[Fact, str]], ...] = (
        ("button", "down", {True: "held"}, {True: HELD}),
        ("scene", "name", {scene: str(scene) for scene in SCENES}, SCENES),
        ("link", "up", {True: "up", False: "down"}, {True: "#e3f1e3", False: DOWN}),
    )
    for row, (kind, fact, names, colours) in enumerate(rows):
        for begin, until, value in _spans(records, kind, fact, end):
            if value not in colours:
                continue
            # The edge keeps a band visible that is narrower than a pixel: a planned close takes milliseconds.
            axes.broken_barh([(begin, until - begin)], (row - 0.4, 0.8), color=colours[value], lw=1)
            if until - begin > len(names[value]) * letter_s:
                axes.text((begin + until) / 2, row, names[value], ha="center", va="center", fontsize="small")
    shown = {record.facts["name"] for record in records if record.kind == "scene"}
    legend = [axes.fill_between([], [], color=SCENES[scene], label=str(scene)) for scene in SCENES if scene in shown]
    axes.legend(handles=legend, loc="upper left", bbox_to_anchor=(1, 1.05), fontsize="small", frameon=False)
    _name_rows(axes, ["button", "ring", "link"])


def _shade(all_axes: Sequence[Axes], records: Sequence[Record], end: float) -> None:
    held = [span for span in _spans(records, "button", "down", end) if span[2]]
    down = [span for span in _spans(records, "link", "up", end) if not span[2]]
    for axes in all_axes:
        for spans, colour in ((held, HELD), (down, DOWN)):
            for begin, until, _ in spans:
                axes.axvspan(begin, until, color=colour, alpha=0.2, lw=0, zorder=0)


def _spans(records: Sequence[Record], kind: str, fact: str, end: float) -> Iterator[tuple[float, float, Fact]]:
    """From, until (seconds) and value, for each stretch in which the fact did not change."""
    changes = [(record.at_ms / 1000, record.facts[fact]) for record in records if record.kind == kind]
    for (begin, value), (until, _) in pairwise([*changes, (end, "")]):
        yield begin, until, value


def _draw_marks(axes: Axes, records: Sequence[Record]) -> None:
    for row, (kind, _, mark, colour) in enumerate(MARKS):
        mine = [record for record in records if record.kind == kind]
        axes.plot(
            [record.at_ms / 1000 for record in mine], [row] * len(mine), mark, color=colour, ls="", mew=1, clip_on=False
        )
        for record in mine:
            if label := _label(record):
                place = (record.at_ms / 1000, row)
                axes.annotate(label, place, (6, 0), textcoords="offset points", va="center", fontsize="small")
    axes.grid(axis="both", alpha=0.3)
    _name_rows(axes, [name for _, name, *_ in MARKS])


def _label(record: Record) -> str:
    """Only what the row and the place do not say already."""
    if record.kind == "prompt":
        return str(record.facts["name"])
    if record.kind in {"stall", "dropped"}:
        return f"{record.facts['ms']} ms"
    return f"turn {record.facts['turn']}" if record.kind in {"commit", "sound"} else ""


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Give each row its name, the first on top."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
