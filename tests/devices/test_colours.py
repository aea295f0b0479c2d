import pytest

from agent.devices.colours import checked, dimmed
from agent.panel.scenes import picture
from agent.session.effects import LISTENING_SCENES
from agent.units import Seconds


def test_a_ring_at_half_its_brightness_shows_half_of_each_colour():
    assert dimmed([(0, 40, 153)], leds=1, percent=50) == ((0, 20, 77),)
    assert dimmed([(0, 40, 153)], leds=1, percent=100) == ((0, 40, 153),)


@pytest.mark.parametrize("scene", LISTENING_SCENES)
def test_not_even_the_dimmest_ring_listens_in_the_dark(scene):
    assert all(map(any, dimmed(picture(scene, Seconds(0), 0.0, 24), leds=24, percent=1)))


def test_each_led_needs_a_colour():
    with pytest.raises(ValueError, match="2 colours for 3 LEDs"):
        checked([(0, 0, 0)] * 2, leds=3)
