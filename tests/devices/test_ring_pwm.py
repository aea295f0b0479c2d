"""LEDs on pins, on gpiozero's mock pins."""

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory, MockPWMPin

from agent.devices.ring_pwm import PwmRing
from agent.errors import BadInput, DeviceError
from agent.panel.scenes import picture
from agent.session.effects import LISTENING_SCENES, Scene
from agent.units import Seconds
from tests.contracts.ring import RingContract

RGB_PINS, WHITE_PINS = (17, 27, 22, 5, 6, 13), (17, 27)


@pytest.fixture
def factory():
    factory = MockFactory(pin_class=MockPWMPin)
    yield factory
    factory.close()


def duties(factory, pins):
    return [factory.pin(pin).state for pin in pins]


@pytest.mark.parametrize("pins", [RGB_PINS, WHITE_PINS], ids=["RGB", "one colour"])
class TestPwmRing(RingContract):
    @pytest.fixture
    def ring(self, factory, pins):
        return PwmRing(pins, 2, factory)


def test_three_pins_an_led_show_its_red_green_and_blue(factory):
    ring = PwmRing(RGB_PINS, 2, factory)
    ring.show([(255, 0, 51), (0, 102, 0)])
    assert duties(factory, RGB_PINS) == [1.0, 0.0, 0.2, 0.0, 0.4, 0.0]


def test_one_pin_an_led_shows_how_bright_it_is_in_whatever_colour(factory):
    ring = PwmRing(WHITE_PINS, 2, factory)
    for colours in ([(153, 0, 0), (0, 255, 255)], [(0, 0, 153), (255, 255, 0)]):
        ring.show(colours)
        assert duties(factory, WHITE_PINS) == [0.2, 0.67]


def test_listening_is_brighter_than_ready_on_an_led_of_one_colour(factory):
    ring = PwmRing((17,), 1, factory)
    ring.show(picture(Scene.LISTENING, Seconds(0), 0.0, 1))
    [listening] = duties(factory, (17,))
    ring.show(picture(Scene.READY, Seconds(0), 0.0, 1))
    assert duties(factory, (17,)) < [listening]


@pytest.mark.parametrize("scene", LISTENING_SCENES)
@pytest.mark.parametrize("pins", [(17,), (17, 27, 22)], ids=["one colour", "RGB"])
def test_not_even_the_dimmest_led_listens_in_the_dark(factory, scene, pins):
    ring = PwmRing(pins, 1, factory, brightness_percent=1)
    ring.show(picture(scene, Seconds(0), 0.0, 1))
    # gpiozero's lgpio pins cut a duty to whole percents.
    assert max(int(100 * duty) for duty in duties(factory, pins)) >= 1


def test_closing_goes_dark_and_lets_go_of_the_pins(factory):
    ring = PwmRing(WHITE_PINS, 2, factory)
    ring.show([(99, 99, 99)] * 2)
    ring.close()
    assert duties(factory, WHITE_PINS) == [0, 0]
    PwmRing(WHITE_PINS, 2, factory).close()


@pytest.mark.parametrize("pins", [(), (17,), (17, 27, 22), RGB_PINS + WHITE_PINS])
def test_pins_that_do_not_fit_the_leds_are_refused(factory, pins):
    with pytest.raises(BadInput, match=r"ring\.gpio_pins: found .* pins; expected 2 or 6"):
        PwmRing(pins, 2, factory)


def test_a_pin_that_is_in_use_is_named_and_the_others_are_let_go(factory):
    with LED(27, pin_factory=factory), pytest.raises(DeviceError, match=r"GPIO27.*in use"):
        PwmRing(WHITE_PINS, 2, factory)
    PwmRing(WHITE_PINS, 2, factory).close()


def test_a_ring_that_can_not_be_driven_any_more_says_so(factory):
    ring = PwmRing(WHITE_PINS, 2, factory)
    ring.close()
    with pytest.raises(DeviceError, match="ring can not be used"):
        ring.show([(0, 0, 0)] * 2)
