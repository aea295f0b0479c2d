"""
The ring: does it light up, and can each scene be told from the others.

Wiring. `ring.kind` says which. WS2812 on SPI: data to GPIO 10 (pin 19) through a 3.3-to-5 V level shifter, 5 V and
ground from a supply that gives 60 mA for each LED; SPI on (`raspi-config`, Interface Options). APA102: clock to GPIO 11
(pin 23) as well. LEDs on pins of their own: each through a resistor to ground, `ring.gpio_pins` in order.

Safety. Not above a fifth of full brightness, and nothing flashes above 3 Hz; if somebody with photosensitive epilepsy
is near, let somebody else look. Never feed a ring of more than eight LEDs from the Pi's own 5 V pins.

Before. Dim the room as it will be. Each scene is shown until the person at the terminal says what they see (`--yes`:
it is driven but nobody is asked, and the report says "left out").

If it fails. Dark: SPI off, level shifter the wrong way round, ground not shared with the Pi. Wrong colours: another
order of colours than WS2812B's. White at rest: `core_freq` in config.txt (Pi 4: 500, and `core_freq_min` too;
Pi 3 and Zero 2 W: 250).
"""

import math
from contextlib import contextmanager

import pytest

from agent.lights import FRAME_S
from agent.panel.captions import CAPTIONS
from agent.panel.scenes import picture
from agent.session.effects import Scene
from agent.units import Seconds
from hw_tests.person import left_out
from hw_tests.sound import running
from tests.contracts.ring import RingContract

FRAMES = 100


@pytest.fixture
def ring(corner):
    kind = corner.settings.ring.kind
    if kind in ("none", "terminal"):
        raise left_out(f"ring.kind is {kind!r}: there is no ring to look at")
    with corner.ring() as ring:
        yield ring


class TestRing(RingContract):
    """The contract that the simulated ring keeps to as well."""


def test_a_frame_is_on_its_way_before_the_next_is_due(ring, clock, measured):
    took = []
    for frame in range(FRAMES):
        colours = picture(Scene.THINKING, Seconds(frame * FRAME_S), 0.0, ring.leds)
        began = clock()
        ring.show(colours)
        took.append(clock() - began)
    took.sort()
    measured("LEDs", ring.leds)
    measured("median frame ms", 1000 * took[FRAMES // 2])
    measured("worst frame ms", 1000 * took[-1])
    assert took[FRAMES // 2] < FRAME_S


@contextmanager
def shown(ring, scene, clock, sleep):
    """Keep a scene moving, with a voice that swells twice a second; on a thread, so that Ctrl-C ends a question."""
    began = clock()

    def step():
        level = 0.5 + 0.5 * math.sin(2 * math.tau * clock())
        ring.show(picture(scene, Seconds(clock() - began), level, ring.leds))
        sleep(FRAME_S)

    with running({"ring": step}, lambda: None):
        yield


@pytest.mark.timeout(0)
@pytest.mark.parametrize("scene", Scene, ids=lambda scene: scene.value)
def test_the_scene_is_seen(ring, person, clock, sleep, scene):
    english, spanish = CAPTIONS[scene]
    with shown(ring, scene, clock, sleep):
        seen = person.sees(f"Does the ring show: {english.look} ({spanish.look})?")
    assert seen, f"not seen: {english.look}"
