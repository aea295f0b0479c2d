"""The ring's shell: a scene at once, then its movement, and whether anybody can see it."""

import asyncio
from itertools import pairwise

import pytest

from agent.errors import DeviceError
from agent.lights import FRAME_S, READY_FRAME_S, Lights
from agent.panel.scenes import picture
from agent.session.effects import Scene
from agent.simulator.ring import MemoryRing
from tests.clock import jumping

LEDS = 12


class Shelf:
    """Lights on a ring made of memory, with a clock and a loudness to turn."""

    def __init__(self):
        self.clock, self.level = (lambda: 100.0), 0.0
        self.ring = MemoryRing(LEDS)
        self.told = []
        self.lights = Lights(self.ring, lambda: self.clock(), lambda scene: self.level, self.told.append)

    def later(self, seconds):
        """Let the lights run for a while."""
        jumping(self._run(seconds))

    async def _run(self, seconds):
        loop, began = asyncio.get_running_loop(), self.clock()
        self.clock = lambda: began + loop.time()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.lights.run(), seconds)
        self.clock = lambda: began + seconds


@pytest.fixture
def shelf():
    return Shelf()


def test_a_scene_is_on_the_ring_when_show_returns(shelf):
    shelf.lights.show(Scene.LISTENING)
    assert shelf.ring.colours == picture(Scene.LISTENING, 0.0, 0.0, LEDS)
    assert shelf.lights.scene is Scene.LISTENING
    assert shelf.lights.trouble is None


def test_a_scene_begins_when_it_is_shown(shelf):
    shelf.lights.show(Scene.THINKING)
    shelf.later(7.0)
    shelf.lights.show(Scene.CONNECTING)
    assert shelf.ring.colours == picture(Scene.CONNECTING, 0.0, 0.0, LEDS)


def test_it_follows_the_voice(shelf):
    shelf.level = 0.8
    shelf.lights.show(Scene.SPEAKING)
    assert shelf.ring.colours == picture(Scene.SPEAKING, 0.0, 0.8, LEDS)


def test_it_moves_25_times_a_second(shelf):
    shelf.lights.show(Scene.THINKING)
    shelf.ring.shown.clear()
    shelf.later(1.0)
    assert len(shelf.ring.shown) == pytest.approx(1.0 / FRAME_S, abs=2)
    assert all(one != other for one, other in pairwise(shelf.ring.shown))


def test_it_takes_its_time_while_nobody_is_there(shelf):
    shelf.lights.show(Scene.READY)
    shelf.later(10.0)
    assert len(shelf.ring.shown) <= 1 + 10.0 / READY_FRAME_S


def test_ready_moves_by_two_steps_a_picture_at_most(shelf):
    shelf.lights.show(Scene.READY)
    shelf.later(10.0)
    greens = [[green for _, green, _ in picture] for picture in shelf.ring.shown]
    assert max(abs(a - b) for one, other in pairwise(greens) for a, b in zip(one, other, strict=True)) <= 2


def test_a_ring_that_fails_while_it_stands_still_for_an_open_microphone_is_known(shelf):
    shelf.lights.show(Scene.LISTENING)
    shelf.later(1.0)
    shelf.ring.fail()
    shelf.later(2 * FRAME_S)
    assert shelf.lights.trouble is not None


def test_what_does_not_change_is_not_sent_again(shelf):
    shelf.lights.show(Scene.DARK)
    shelf.later(10.0)
    assert len(shelf.ring.shown) == 1


def test_a_ring_that_cannot_be_driven_is_known_at_once(shelf):
    shelf.ring.fail()
    shelf.lights.show(Scene.LISTENING)
    assert isinstance(shelf.lights.trouble, DeviceError)
    assert shelf.lights.scene is Scene.LISTENING


def test_a_ring_that_fails_is_tried_until_it_shows_what_it_should(shelf):
    shelf.lights.show(Scene.LISTENING)
    shelf.ring.fail()
    shelf.lights.show(Scene.DARK)
    shelf.later(1.0)
    assert shelf.lights.trouble is not None
    shelf.ring.mend()
    shelf.later(1.0)
    assert [type(told) for told in shelf.told] == [DeviceError, type(None)]
    assert shelf.lights.trouble is None
    assert shelf.ring.colours == picture(Scene.DARK, 0.0, 0.0, LEDS)


def test_after_trouble_the_picture_before_it_is_sent_again(shelf):
    shelf.lights.show(Scene.LISTENING)
    shelf.ring.fail()
    shelf.lights.show(Scene.DARK)
    shelf.ring.mend()
    shelf.lights.show(Scene.LISTENING)
    assert shelf.lights.trouble is None
    assert len(shelf.ring.shown) == 2
