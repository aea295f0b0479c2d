"""What LEDs make of the bytes: the timing table itself is in `tests/devices/spi.py`."""

import pytest

from agent.devices.led_frames import WS2812_HZ, apa102_frame, ws2812_frame
from tests.devices.spi import RESET_NS, Apa102Strip, NotUnderstoodError, Ws2812Strip

EVERY_BYTE = [(byte, 255 - byte, byte ^ 0b10101010) for byte in range(256)]
BLUISH = (1, 20, 130)


def shown(strip, frame):
    strip.mode = 0
    strip.writebytes2(frame)
    return strip.colours


@pytest.mark.parametrize("granted_hz", [6_250_000, WS2812_HZ])
@pytest.mark.parametrize("gap", [0, 1], ids=["with DMA", "a clock between bytes"])
def test_ws2812_leds_understand_every_colour(granted_hz, gap):
    assert shown(Ws2812Strip(256, granted_hz, gap), ws2812_frame(EVERY_BYTE)) == EVERY_BYTE


def test_on_every_pi_a_0_lasts_320_ns_and_a_1_640_ns():
    pulses = Ws2812Strip(1).pulses(ws2812_frame([BLUISH]))
    assert {duration for level, duration in pulses if level} == {320, 640}
    assert min(pulses[0][1], pulses[-1][1]) > 300_000 > RESET_NS


@pytest.mark.parametrize("granted_hz", [2_500_000, 4_000_000, 8_000_000, 10_000_000])
def test_at_another_clock_ws2812_leds_would_not_understand(granted_hz):
    with pytest.raises(NotUnderstoodError):
        shown(Ws2812Strip(1, granted_hz), ws2812_frame([BLUISH]))


@pytest.mark.parametrize("leds", [1, 16, 24, 200])
def test_apa102_leds_show_every_colour_up_to_the_last_led(leds):
    assert shown(Apa102Strip(leds), apa102_frame(EVERY_BYTE[:leds])) == EVERY_BYTE[:leds]


def test_apa102_leds_that_nobody_told_of_stay_dark():
    assert shown(Apa102Strip(24), apa102_frame([BLUISH] * 16)) == [BLUISH] * 16 + [(0, 0, 0)] * 8
