from io import StringIO

import pytest
from rich.console import Console

from agent.devices.ring_plain import NoRing, TerminalRing
from agent.errors import DeviceError
from tests.contracts.ring import RingContract


class HangingUp(StringIO):
    """A terminal whose other end may go away."""

    is_gone = False

    def write(self, text):
        if self.is_gone:
            raise OSError(5, "Input/output error")
        return super().write(text)


def terminal(file=None):
    return Console(file=file or StringIO(), width=80, force_terminal=True, color_system="truecolor")


@pytest.mark.parametrize("leds", [1, 24])
class TestTerminalRing(RingContract):
    @pytest.fixture
    def ring(self, leds):
        return TerminalRing(leds, terminal())


class TestNoRing(RingContract):
    @pytest.fixture
    def ring(self):
        return NoRing()


def test_every_led_is_a_dot_in_its_colour_but_brighter():
    screen = StringIO()
    TerminalRing(2, terminal(screen)).show([(10, 0, 38), (0, 0, 100)])
    assert screen.getvalue().count("●") == 2
    assert "38;2;40;0;152" in screen.getvalue()
    assert "38;2;0;0;255" in screen.getvalue()


def test_pictures_are_drawn_over_each_other_until_the_ring_is_closed():
    screen = StringIO()
    ring = TerminalRing(2, terminal(screen))
    for _ in range(3):
        ring.show([(10, 0, 38)] * 2)
    ring.close()
    ring.close()
    *pictures, dark = screen.getvalue().split("\r")
    assert len(pictures) == 3
    assert "38;2;0;0;0" in dark
    assert screen.getvalue().count("\n") == 1


def test_a_ring_that_nobody_can_see_is_refused():
    with pytest.raises(DeviceError, match="no terminal"):
        TerminalRing(16, Console(file=StringIO()))


def test_a_terminal_that_hung_up_is_a_ring_that_can_not_be_driven():
    screen = HangingUp()
    ring = TerminalRing(2, terminal(screen))
    screen.is_gone = True
    with pytest.raises(DeviceError, match="terminal is gone"):
        ring.show([(10, 0, 38)] * 2)
    ring.close()
