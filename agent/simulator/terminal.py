"""The simulator's face: the ring as a circle of dots, meters, and the last lines of the timeline."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, sin, tau
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from agent.devices.ports import Colour
from agent.session.effects import Scene
from agent.units import Turn

GLOW = 4
"""The ring is kept dim for the sake of its supply; a dot on a screen must be brighter to be seen at all."""

ROWS, COLUMNS = 9, 19
"""Characters are about twice as high as wide, so this is a circle."""

RECENT = 8
"""Lines of the timeline on the screen: with the ring they fit a terminal of 24 lines."""

BAR = 20
"""Characters of a full meter."""

FULL_DEPTH_MS = 500
"""Depth of the jitter buffer that fills its meter."""


@dataclass(frozen=True, slots=True)
class View:
    """
    All there is to see at one moment.

    `mic_level` and `speaker_level` are loudness 0 to 1, `depth_ms` is what the jitter buffer holds,
    `link` is a word or two, `lines` the newest last.
    """

    colours: Sequence[Colour]
    scene: Scene
    turn: Turn
    link: str
    mic_level: float
    speaker_level: float
    depth_ms: float
    lines: Sequence[str] = ()


def render(view: View) -> RenderableType:
    """Draw a view."""
    face = Table.grid(padding=(0, 3))
    face.add_row(_ring(view.colours), _state(view))
    screen = Table.grid()
    screen.add_row(face)
    for line in list(view.lines)[-RECENT:]:
        screen.add_row(Text(line, no_wrap=True, overflow="ellipsis"))
    return screen


def _ring(colours: Sequence[Colour]) -> Text:
    cells: dict[tuple[int, int], Colour] = {}
    for led, colour in enumerate(colours):
        # The first LED is at the top, the others follow clockwise. A single one is in the middle.
        angle, radius = tau * led / len(colours), 0.5 if len(colours) > 1 else 0.0
        row = round((ROWS - 1) * (0.5 - radius * cos(angle)))
        cells[row, round((COLUMNS - 1) * (0.5 + radius * sin(angle)))] = colour
    ring = Text()
    for row in range(ROWS):
        for column in range(COLUMNS):
            lit = (row, column) in cells
            ring.append("●" if lit else " ", _style(cells[row, column]) if lit else "")
        ring.append("\n" if row + 1 < ROWS else "")
    return ring


def _style(colour: Colour) -> str:
    red, green, blue = (min(255, GLOW * part) for part in colour)
    return f"rgb({red},{green},{blue})"


def _state(view: View) -> Table:
    state = Table.grid(padding=(0, 1))
    for name, value in (
        ("scene", view.scene.value),
        ("turn", str(view.turn)),
        ("link", view.link),
        ("microphone", _meter(view.mic_level)),
        ("speaker", _meter(view.speaker_level)),
        ("buffer", f"{_meter(view.depth_ms / FULL_DEPTH_MS)} {view.depth_ms:.0f} ms"),
        ("", ""),
        ("space", "press and release the button"),
        ("q", "end"),
    ):
        state.add_row(Text(name, style="dim"), Text(value))
    return state


def _meter(share: float) -> str:
    full = round(BAR * min(max(share, 0.0), 1.0))
    return "█" * full + "·" * (BAR - full)


class Screen:
    """
    Shows views and lines; a context manager that leaves the terminal in order.

    On a terminal both are drawn in place; elsewhere (a pipe, a log) lines are printed one each, and views are not.

    Threads: the event loop only.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lines: deque[str] = deque(maxlen=RECENT)
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def tell(self, line: str) -> None:
        """Add a line of the timeline."""
        self._lines.append(line)
        if self._live is None:
            self._console.print(Text(line), soft_wrap=True)

    def show(self, view: View) -> None:
        """Draw a view with the lines told so far (its own `lines` do not count)."""
        if self._live is not None:
            self._live.update(render(replace(view, lines=tuple(self._lines))), refresh=True)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
