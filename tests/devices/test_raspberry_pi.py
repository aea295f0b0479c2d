"""A corner's devices as its settings say, on gpiozero's own mock pins and with no card plugged in."""

import pytest
from gpiozero.pins.mock import MockFactory

from agent.devices import raspberry_pi
from agent.devices.ports import Plug
from agent.devices.ring_plain import NoRing
from agent.devices.wake import EventWake
from agent.errors import DeviceError, DeviceMissing
from agent.settings import Ring, Settings
from agent.units import PERIOD_SAMPLES

DARK = Settings(ring=Ring(kind="none", allow_no_ring=True))


@pytest.fixture
def wake():
    wake = EventWake()
    yield wake
    wake.close()


def test_a_card_that_is_away_is_told_and_waited_for(wake, monkeypatch):
    monkeypatch.setattr(raspberry_pi.cards, "listed", tuple)
    told = []
    with raspberry_pi.devices(DARK, lambda: 0.0, MockFactory) as devices:
        devices.plugs.watch(lambda plug, what: told.append((plug, type(what), str(what))))
        assert devices.microphone.read().shape == (PERIOD_SAMPLES,)
        assert not devices.speaker.wait(wake)
    assert [plug for plug, *_ in told] == [Plug.MICROPHONE, Plug.SPEAKER]
    assert {kind for _, kind, _ in told} == {DeviceMissing}
    assert "microphone.card" in told[0][2]


def test_the_button_is_on_its_pin(monkeypatch):
    factory = MockFactory()
    with raspberry_pi.devices(DARK, lambda: 0.0, lambda: factory) as devices:
        assert not devices.button.is_down()
        factory.pin(DARK.button.gpio_pin).drive_low()
        assert devices.button.is_down()
        assert isinstance(devices.ring, NoRing)


def test_a_ring_that_is_not_wired_is_an_error_that_says_so():
    settings = Settings(ring=Ring(kind="ws2812_spi"))
    with pytest.raises(DeviceError, match="spi"), raspberry_pi.devices(settings, lambda: 0.0, MockFactory):
        pass


def test_lights_on_pins_are_a_ring_too():
    from gpiozero.pins.mock import MockPWMPin

    settings = Settings(ring=Ring(kind="pwm_leds", leds=1, gpio_pins=(22, 23, 24)))
    with raspberry_pi.devices(settings, lambda: 0.0, lambda: MockFactory(pin_class=MockPWMPin)) as devices:
        devices.ring.show([(10, 20, 30)])
        assert devices.ring.leds == 1
