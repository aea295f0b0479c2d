"""The button on gpiozero's mock pins; what needs a Pi is in hw_tests."""

import asyncio
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from gpiozero.pins.mock import MockFactory

from agent.devices.gpio import GpioButton, lgpio_factory
from agent.errors import DeviceError
from agent.hand import Hand
from agent.panel.press import DEBOUNCE, Pressed, Released
from tests.contracts.button import ButtonContract

PIN, LED = 17, 27


@pytest.fixture
def factory():
    factory = MockFactory()
    yield factory
    factory.close()


@pytest.fixture
def open_button(factory):
    """Make buttons that are closed before their pins are."""
    opened = []

    def make(active_low=True, clock=time.monotonic, factory=factory, led_pin=None):
        opened.append(GpioButton(PIN, active_low, factory, clock, led_pin))
        return opened[-1]

    yield make
    for button in opened:
        button.close()


class Dated(MockFactory):
    """Edges are told so many seconds after they happened."""

    def __init__(self, *ages):
        super().__init__()
        self._ages = iter(ages)

    def ticks_diff(self, later, earlier):
        return next(self._ages)


@pytest.mark.parametrize("active_low", [True, False], ids=["to ground", "to 3.3 V"])
class TestGpioButton(ButtonContract):
    @pytest.fixture
    def button(self, open_button, active_low):
        return open_button(active_low)

    @pytest.fixture
    def press(self, button, factory, active_low):
        pin = factory.pin(PIN)
        return pin.drive_low if active_low else pin.drive_high

    @pytest.fixture
    def release(self, button, factory, active_low):
        pin = factory.pin(PIN)
        return pin.drive_high if active_low else pin.drive_low


@pytest.mark.parametrize(("active_low", "pull"), [(True, "up"), (False, "down")])
def test_a_contact_is_pulled_away_from_where_it_goes(open_button, factory, active_low, pull):
    button = open_button(active_low)
    assert (factory.pin(PIN).pull, button.is_down()) == (pull, False)


def chatter(pin):
    """Go down as a worn contact does."""
    for _ in range(5):
        pin.drive_low()
        pin.drive_high()
    pin.drive_low()


def test_every_bounce_is_told(open_button, factory):
    told = []
    open_button().watch(lambda down, at: told.append(down))
    chatter(factory.pin(PIN))
    assert told == [True, False] * 5 + [True]


def test_an_edge_has_the_moment_of_the_pin_on_the_clock_of_the_agent(open_button):
    told, factory, now = [], Dated(0.004), iter([100.0, 500.0])
    open_button(clock=lambda: next(now), factory=factory).watch(lambda down, at: told.append(at))
    factory.pin(PIN).drive_low()
    assert told == [499.996]


@pytest.mark.parametrize("age", [-1.7e9, 1.7e9, 2.0, -0.001])
def test_an_edge_that_was_stamped_by_another_clock_has_the_moment_of_the_call(open_button, age):
    told, factory, now = [], Dated(age), iter([100.0, 500.0])
    open_button(clock=lambda: next(now), factory=factory).watch(lambda down, at: told.append(at))
    factory.pin(PIN).drive_low()
    assert told == [500.0]


def test_time_does_not_go_back_from_edge_to_edge(open_button):
    told, factory, now = [], Dated(0.001, 0.005, 0.002), iter([100.0, 500.0, 500.001, 500.002])
    open_button(clock=lambda: next(now), factory=factory).watch(lambda down, at: told.append(at))
    pin = factory.pin(PIN)
    for drive in (pin.drive_low, pin.drive_high, pin.drive_low):
        drive()
    assert told == [499.999, 499.999, 500.0]


def test_a_closed_button_gives_its_pins_back(open_button, factory):
    open_button(led_pin=LED).close()
    open_button(active_low=False, led_pin=LED)


def test_the_light_in_the_button_is_on_while_the_button_counts(open_button, factory):
    button = open_button(led_pin=LED)
    light = factory.pin(LED)
    assert (light.function, light.state) == ("output", True)
    button.close()
    assert light.function == "input"


@pytest.mark.parametrize(("pin", "led_pin", "named"), [(99, None, 99), (2, None, 2), (PIN, 99, 99), (PIN, PIN, PIN)])
def test_a_pin_that_can_not_be_used_is_named_and_nothing_stays_open(open_button, factory, pin, led_pin, named):
    with pytest.raises(DeviceError, match=rf"pin GPIO{named} can not be used: \w"):
        GpioButton(pin, False, factory, time.monotonic, led_pin)
    open_button()


def test_a_short_press_on_another_thread_is_one_press_and_one_release_on_the_loop(open_button, factory):
    """As on the device: the press is told by its first edge, the release by a look, as its edges came too soon."""
    ahead = [0.0]

    def clock():
        return time.monotonic() + ahead[0]

    def tap():
        chatter(pin)
        pin.drive_high()

    async def facts():
        told = asyncio.Queue()
        hand = asyncio.create_task(Hand(button, clock, told.put_nowait).run())
        await asyncio.sleep(0)
        ahead[0] += 1  # the contact has settled since the first look
        await asyncio.to_thread(tap)
        facts = [await told.get(), await told.get()]
        hand.cancel()
        await asyncio.wait([hand])
        return facts

    button, pin = open_button(clock=clock), factory.pin(PIN)
    pressed, released = asyncio.run(facts())
    assert (type(pressed), type(released)) == (Pressed, Released)
    assert released.at - pressed.at >= DEBOUNCE


@pytest.mark.parametrize(
    ("module", "words"), [(None, "lgpio is not installed"), (ModuleType("lgpio"), "this lgpio is empty")]
)
def test_without_a_usable_lgpio_no_other_factory_steps_in(monkeypatch, tmp_path, module, words):
    monkeypatch.setitem(sys.modules, "lgpio", module)
    monkeypatch.setenv("LG_WD", str(tmp_path))
    here = Path.cwd()
    with pytest.raises(DeviceError, match=words):
        lgpio_factory()
    assert Path.cwd() == here


def test_lgpio_needs_a_folder_to_write_to(monkeypatch, tmp_path):
    monkeypatch.setenv("LG_WD", str(tmp_path / "gone"))
    with pytest.raises(DeviceError, match=r"lgpio can not write to .*gone: set LG_WD to a folder"):
        lgpio_factory()
