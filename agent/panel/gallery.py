"""
Draw every scene for those who meet the ring: `python -m agent.panel.gallery agent/panel/scenes.svg`.

Bright here is what is bright on the ring: a fifth of what its LEDs could do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from math import cos, sin, tau
from pathlib import Path
from textwrap import wrap
from typing import Final

from agent.devices.ports import Colour
from agent.panel.captions import CAPTIONS, Caption
from agent.panel.scenes import FULLEST, picture
from agent.session.effects import Scene
from agent.units import Seconds

MOMENTS: Final = ((Seconds(0.0), 0.0), (Seconds(0.4), 1.0), (Seconds(1.2), 0.5))
"""When each scene is drawn, seconds after it began, and the loudness of somebody who speaks meanwhile."""

LEDS: Final = 16

WIDTH: Final = 1000
TOP: Final = 128
ROW: Final = 116
"""Pixels, as all that follows: a page, its head, and a scene of it, with five lines of words."""

TEXT_X: Final = (28, 296)
RING_X: Final = (610, 752, 894)
"""Where the columns are: two languages, three moments."""

RADIUS: Final = 38.0
SINGLE_X: Final = 63
"""Of a ring, and how far to the right of its middle stands the light of devices that have only one."""

LINE: Final = 19
LETTERS: Final = 32
"""From line to line, and how many letters of the widest usual font fit one."""

HUE_GAMMA: Final = 2.2
"""A screen's (sRGB): the shares of red, green and blue look on it as they do on an LED."""

LIGHT_GAMMA: Final = 1.6
"""Between current and eye: with the eye's own, the dim ground of a pattern would look as bright as the pattern."""

UNLIT: Final = 44
"""Grey of an LED without light."""

HEAD: Final = (
    ("Lights of the reading corner", "The microphone is on only in the two blue scenes, Listening."),
    ("Luces del rincón de lectura", "El micrófono está abierto solo en las dos escenas azules, Escuchando."),
)

KEY: Final = (
    "A ring, and the light of a device that has only one",
    "Un anillo, y la luz de un equipo que tiene una sola",
)

STYLE: Final = (
    "text{font-family:Helvetica,Arial,'DejaVu Sans',sans-serif;font-size:14px;fill:#23272e}"
    ".n{font-weight:bold;font-size:16px}.l,.t{fill:#5b6370;font-size:13px}.t{text-anchor:middle}"
)


def gallery() -> str:
    """Every scene as one SVG that needs nothing else."""
    height = TOP + ROW * len(Scene) + 12
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}">',
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height}" rx="14" fill="#fff"/>',
            *_head(),
            *(line for row, scene in enumerate(Scene) for line in _row(scene, TOP + ROW * row)),
            "</svg>\n",
        ]
    )


def _head() -> Iterator[str]:
    for x, (title, fact) in zip(TEXT_X, HEAD, strict=True):
        yield _text(x, 40, title, "n")
        yield from _lines(x, 64, fact)
    for line, words in enumerate(KEY):
        yield _text(RING_X[1], 40 + LINE * line, words, "t")
    for x, (since, _) in zip(RING_X, MOMENTS, strict=True):
        yield _text(x, 108, f"{since:g} s", "t")


def _row(scene: Scene, top: float) -> Iterator[str]:
    yield f'<path d="M28 {top}H{WIDTH - 28}" stroke="#dfe3e8"/>'
    for x, caption in zip(TEXT_X, CAPTIONS[scene], strict=True):
        yield from _caption(caption, x, top + 28)
    for x, (since, level) in zip(RING_X, MOMENTS, strict=True):
        yield from _ring(picture(scene, since, level, LEDS), x, top + ROW / 2)
        [single] = picture(scene, since, level, 1)
        yield f'<circle cx="{x + SINGLE_X}" cy="{top + ROW / 2:g}" r="11" fill="#15181d"/>'
        yield from _led(single, x + SINGLE_X, top + ROW / 2)


def _caption(caption: Caption, x: float, y: float) -> Iterator[str]:
    yield _text(x, y, caption.name, "n")
    yield _text(x, y + LINE, caption.look, "l")
    yield from _lines(x, y + 2 * LINE + 2, caption.meaning)


def _lines(x: float, y: float, text: str) -> Iterator[str]:
    for number, line in enumerate(wrap(text, LETTERS)):
        yield _text(x, y + LINE * number, line)


def _text(x: float, y: float, text: str, kind: str = "m") -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _ring(colours: tuple[Colour, ...], x: float, y: float) -> Iterator[str]:
    """The first LED is at the top, the others follow clockwise."""
    yield f'<circle cx="{x}" cy="{y:g}" r="{RADIUS:g}" fill="none" stroke="#15181d" stroke-width="19"/>'
    for led, colour in enumerate(colours):
        angle = tau * led / len(colours)
        yield from _led(colour, x + RADIUS * sin(angle), y - RADIUS * cos(angle))


def _led(colour: Colour, x: float, y: float) -> Iterator[str]:
    light = (sum(colour) / FULLEST) ** (1 / LIGHT_GAMMA)
    fullest = max(*colour, 1)
    shown = [round(UNLIT + light * (255 * (part / fullest) ** (1 / HUE_GAMMA) - UNLIT)) for part in colour]
    place, paint = f'cx="{x:.1f}" cy="{y:.1f}"', "#" + bytes(shown).hex()
    if light > 0:
        yield f'<circle {place} r="8.5" fill="{paint}" opacity="{0.45 * light:.2f}"/>'
    yield f'<circle {place} r="5" fill="{paint}"/>'


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(gallery(), encoding="utf-8")
