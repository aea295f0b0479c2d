"""Button and ring on gpiozero's mock pins; or what the agent, if it runs, has open."""

import os
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from agent.check.panel import checks
from agent.check.service import running
from agent.errors import DeviceError
from agent.settings import Ring, Settings
from tests.check.tree import open_nodes, start_service

DARK = Settings(ring=Ring(kind="none", allow_no_ring=True))


def found(settings=DARK, root=None, pins=MockFactory):
    (check,) = checks(settings, running(root) if root else None, lambda: 0.0, root, pins)
    return check.verdict.value, f"{check.found} → {check.what_to_do}"


class Held(MockPin):
    """A pin whose contact is closed to ground: no resistor pulls it up."""

    def drive_high(self):
        self.drive_low()


def test_a_button_that_is_up_and_a_ring_that_opens_are_fine():
    verdict, told = found()
    assert verdict == "ok"
    assert "GPIO17" in told


def test_a_button_that_nobody_holds_and_is_down_is_a_failure():
    verdict, told = found(pins=lambda: MockFactory(pin_class=Held))
    assert verdict == "failed"
    assert "button.active_low" in told


def test_a_ring_that_can_not_be_opened_is_a_failure_in_its_own_words():
    verdict, told = found(Settings(ring=Ring(kind="ws2812_spi", spi="7.7")))
    assert verdict == "failed"
    assert "/dev/spidev7.7" in told


def test_lgpio_makes_its_fifo_in_a_folder_that_can_be_written_to_and_goes_away(monkeypatch):
    monkeypatch.delenv("LG_WD", raising=False)
    folders = []

    def pins():
        folders.append(os.environ["LG_WD"])
        assert os.access(folders[0], os.W_OK)
        raise DeviceError("no pins: a Raspberry Pi is needed")

    assert found(pins=pins)[0] == "failed"
    assert not Path(folders[0]).exists()
    assert "LG_WD" not in os.environ


@pytest.mark.parametrize(
    ("nodes", "verdict"),
    [
        (["/dev/snd/pcmC1D0c", "/dev/gpiochip0", "socket:[31]"], "ok"),
        (["/dev/snd/pcmC1D0c", "/dev/null"], "failed"),
    ],
)
def test_while_the_agent_runs_its_open_pins_are_looked_up_and_none_is_touched(tmp_path, nodes, verdict):
    def touched():
        raise AssertionError("the agent has the pins")

    assert found(root=open_nodes(start_service(tmp_path, 812), 812, *nodes), pins=touched)[0] == verdict


def test_what_the_agent_has_open_is_unknown_to_those_who_may_not_look(tmp_path):
    verdict, told = found(root=start_service(tmp_path, 812))
    assert verdict == "not checked"
    assert "sudo" in told
