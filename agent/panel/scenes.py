"""
What eyes see: (scene, time, loudness) -> colours.

Every scene has a colour and a movement of its own, so that a colour-blind child can tell them apart by either,
and on a single LED by the rhythm. Nothing flashes above 3 Hz (WCAG 2.3.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, sin, tau

from agent.devices.ports import Colour
from agent.session.effects import Scene
from agent.units import Seconds

Hue = tuple[float, float, float]
"""Shares of red, green and blue."""

Movement = Callable[[float, float, float], float]
"""(place in turns 0..1, seconds since the scene began, loudness 0..1) -> 0..1."""

FULLEST = 153
"""
Red + green + blue of the brightest LED: 20 % of 3 x 255.

24 LEDs of 60 mA at full white would draw 1.4 A from the supply the Pi runs on; so they draw at most 0.3 A,
and a ring at arm's length does not dazzle.
"""

SWAY = 0.4
"""
How much of the light follows loudness.

Speech has 4 to 5 syllables a second, which is too fast for a flash. 0.4 of 20 % is a change of 8 % of full
luminance, and what changes by less than 10 % is no flash (WCAG 2.3.1).
"""

AMBER: Hue = (1.0, 0.35, 0.0)
WHITE: Hue = (1.0, 1.0, 1.0)


def _none(_place: float, _since: float, _level: float) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """How one scene looks: its hue, how bright each place is, and how much of it the mark's hue replaces."""

    hue: Hue
    shine: Movement
    mark_hue: Hue = AMBER
    mark: Movement = _none


def picture(scene: Scene, since: Seconds, level: float, leds: int) -> tuple[Colour, ...]:
    """
    One frame of the ring.

    Args:
        scene: What is to be seen.
        since: How long the scene has been shown.
        level: Loudness, 0 to 1: of the microphone while listening, of the speaker while speaking.
        leds: How many LEDs there are, at least one; evenly spaced, the first where the ring begins.

    """
    look, loudness = LOOKS[scene], min(max(level, 0.0), 1.0)
    return tuple(_colour(look, place / leds, since, loudness) for place in range(leds))


def _colour(look: Look, place: float, since: float, level: float) -> Colour:
    marked = look.mark(place, since, level)
    light = look.shine(place, since, level) * FULLEST
    plain, mark = light * (1 - marked) / sum(look.hue), light * marked / sum(look.mark_hue)
    red, green, blue = (int(share * plain + extra * mark) for share, extra in zip(look.hue, look.mark_hue, strict=True))
    return red, green, blue


def _wave(turns: float) -> float:
    """From 1 down to 0 and back, once per turn."""
    return 0.5 + 0.5 * cos(tau * turns)


def _lobe(away: float, width: float) -> float:
    """A soft light: 1 where it stands, 0 from `width` turns away on."""
    distance = abs((away + 0.5) % 1.0 - 0.5)
    return _wave(0.5 * distance / width) if distance < width else 0.0


def _swinging(place: float, since: float, _level: float) -> float:
    """One light that looks to the left and to the right."""
    return 0.1 + 0.9 * _lobe(place - 0.22 * sin(tau * 0.3 * since), 0.12)


def _waiting(place: float, since: float, _level: float) -> float:
    """Three dim lights that breathe."""
    return (0.15 + 0.25 * _wave(0.2 * since)) * _lobe(3 * place, 0.35)


def _full(_place: float, _since: float, level: float) -> float:
    """The whole ring, bright from the first frame on, still but for the voice."""
    return 1 - SWAY + SWAY * level


def _leaving(place: float, since: float, _level: float) -> float:
    """Two lights that chase each other."""
    return 0.05 + 0.95 * _lobe(2 * (place - 0.6 * since), 0.4)


def _turning(place: float, since: float, _level: float) -> float:
    """One broad light going round at leisure."""
    return 0.1 + 0.9 * _wave(place - 0.4 * since)


def _rippling(place: float, since: float, level: float) -> float:
    """The whole ring, in slow ripples, brighter with the voice."""
    return 0.35 + 0.25 * _wave(3 * place - 0.4 * since) + SWAY * level


def _beating(_place: float, since: float, _level: float) -> float:
    """The whole ring, swelling and fading."""
    return 0.15 + 0.85 * _wave(0.5 * since)


def _filling(place: float, since: float, _level: float) -> float:
    """An hourglass: the ring empties and fills, once in ten seconds."""
    return 0.05 + 0.95 * min(max(5.0 * (1.2 * _wave(0.1 * since) - place), 0.0), 1.0)


def _ticking(place: float, since: float, _level: float) -> float:
    """A hand that steps twelve times round, and a faint tick."""
    return 0.1 + 0.2 * _wave(since) ** 4 + 0.7 * _lobe(place - int(since) % 12 / 12, 0.08)


def _no_link(place: float, since: float, _level: float) -> float:
    """The mark at the ring's beginning that comes and goes; already there in the first frame."""
    return _wave(0.5 * since - 0.25) * _lobe(place, 0.16)


def _full_without_link(place: float, since: float, level: float) -> float:
    """The whole ring, but for a dent where the mark is: it can be seen without telling its colour."""
    return _full(place, since, level) * (1 - 0.5 * _no_link(place, since, level))


def _quarters(place: float, since: float, _level: float) -> float:
    """Quarters that change places."""
    return _wave(0.4 * since) if int(4 * place) % 2 == 0 else 1 - _wave(0.4 * since)


def _patchwork(place: float, since: float, level: float) -> float:
    """Bright quarters beside dim ones."""
    return 0.25 + 0.6 * _quarters(place, since, level)


def _lower_half(place: float, since: float, _level: float) -> float:
    """The lower half of the ring, breathing; the upper half is nearly dark."""
    return 0.05 + (0.95 * _wave(0.3 * since) if 0.25 <= place < 0.75 else 0.0)


def _dotted(place: float, since: float, _level: float) -> float:
    """Six dots that take turns."""
    return 0.05 + 0.95 * _lobe(6 * place, 0.3) * _wave(0.45 * since + int(6 * place + 0.5) / 2)


BLUE: Hue = (0.0, 0.15, 1.0)

LOOKS: dict[Scene, Look] = {
    Scene.CONNECTING: Look(WHITE, _swinging),
    Scene.READY: Look((0.0, 1.0, 0.0), _waiting),
    Scene.LISTENING: Look(BLUE, _full),
    Scene.LISTENING_OFFLINE: Look(BLUE, _full_without_link, AMBER, _no_link),
    Scene.SENDING: Look((0.0, 1.0, 1.0), _leaving),
    Scene.THINKING: Look((0.5, 0.0, 1.0), _turning),
    Scene.SPEAKING: Look((1.0, 0.0, 0.7), _rippling),
    Scene.ASK_ADULT: Look((1.0, 0.0, 0.0), _beating),
    Scene.LATER: Look(AMBER, _filling),
    Scene.CLOCK: Look((1.0, 0.8, 0.0), _ticking),
    Scene.BUTTON_FAULT: Look((1.0, 0.0, 0.0), _patchwork, WHITE, _quarters),
    Scene.NO_MICROPHONE: Look((0.5, 0.7, 1.0), _lower_half),
    Scene.NO_SPEAKER: Look((0.9, 0.3, 0.75), _dotted),
    Scene.DARK: Look(WHITE, _none),
}
"""How every scene looks."""
