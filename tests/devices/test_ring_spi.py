"""Rings on an SPI bus, with LEDs at its end that read the wire as the data sheets say."""

import errno

import pytest

from agent.devices.ring_spi import SpiBus, apa102_ring, ws2812_ring
from agent.errors import BadInput, DeviceError, DeviceMissing
from tests.contracts.ring import RingContract
from tests.devices.spi import Apa102Strip, Ws2812Strip

GREEN, BLUISH, BLACK = (0, 20, 0), (1, 20, 130), (0, 0, 0)


def bus(strip, limit=4096):
    return SpiBus(strip, limit, strip.clock)


def ring_of(strip, **settings):
    build = ws2812_ring if isinstance(strip, Ws2812Strip) else apa102_ring
    return build(bus(strip), len(strip.colours), **settings)


@pytest.fixture(params=[1, 12, 24])
def leds(request):
    return request.param


@pytest.fixture(params=[Ws2812Strip, Apa102Strip])
def strip(request, leds):
    return request.param(leds)


class TestSpiRing(RingContract):
    @pytest.fixture
    def ring(self, strip):
        return ring_of(strip)


def test_the_leds_show_what_they_are_told_and_go_dark_at_the_end(strip):
    ring = ring_of(strip)
    picture = [(n, 20, 100 - n) for n in range(ring.leds)]
    ring.show(picture)
    assert strip.colours == picture
    ring.close()
    assert strip.colours == [BLACK] * ring.leds
    assert strip.closed


def test_the_brightness_of_the_settings_counts(strip):
    ring_of(strip, brightness_percent=10).show([BLUISH] * len(strip.colours))
    assert strip.colours == [(1, 2, 13)] * len(strip.colours)


def test_a_picture_is_one_transfer(strip):
    ring = ring_of(strip)
    strip.written.clear()
    ring.show([GREEN] * ring.leds)
    assert len(strip.written) == 1


def test_a_picture_too_long_for_one_transfer_is_refused_when_the_ring_is_built():
    strip = Ws2812Strip(150)
    ring_of(strip).show([GREEN] * 150)
    assert len(strip.written[-1]) <= 4096
    with pytest.raises(BadInput, match=r"ring\.leds: found 151.*4096"):
        ws2812_ring(bus(strip), 151)


@pytest.mark.parametrize("granted_hz", [6_250_000, 6_400_000])
@pytest.mark.parametrize("gap", [0, 1], ids=["with DMA", "a clock between bytes"])
def test_a_bus_that_keeps_time_is_good_enough(granted_hz, gap):
    strip = Ws2812Strip(16, granted_hz, gap)
    ring_of(strip).show([BLUISH] * 16)
    assert strip.colours == [BLUISH] * 16


@pytest.mark.parametrize("gap", [0, 1], ids=["with DMA", "a clock between bytes"])
@pytest.mark.parametrize(
    "granted_hz",
    [pytest.param(2_500_000, id="idle Pi 4"), pytest.param(10_000_000, id="Pi 3 at 400 MHz"), 4_000_000],
)
def test_a_bus_that_does_not_keep_time_is_refused_with_its_cure(granted_hz, gap):
    with pytest.raises(DeviceError, match="core_freq"):
        ring_of(Ws2812Strip(16, granted_hz, gap))


def test_being_kept_waiting_now_and_then_is_not_a_slow_bus():
    strip = Ws2812Strip(16)
    waits = iter([0.02, 0.0, 0.004])
    send = strip.writebytes2
    strip.writebytes2 = lambda data: (send(data), setattr(strip, "now", strip.now + next(waits, 0.0)))
    assert ring_of(strip).leds == 16


@pytest.mark.parametrize(
    ("code", "error"), [(errno.EIO, DeviceError), (errno.ESHUTDOWN, DeviceMissing), (errno.ENODEV, DeviceMissing)]
)
def test_a_bus_that_fails_is_a_device_error_until_it_is_mended(strip, code, error):
    ring = ring_of(strip)
    strip.fail(code)
    with pytest.raises(DeviceError) as trouble:
        ring.show([GREEN] * ring.leds)
    assert type(trouble.value) is error
    strip.fail(None)
    ring.show([GREEN] * ring.leds)
    assert strip.colours == [GREEN] * ring.leds


def test_a_ring_that_is_gone_can_be_closed(strip):
    ring = ring_of(strip)
    strip.fail(errno.ESHUTDOWN)
    ring.close()
    assert strip.closed


def test_a_bus_that_is_not_there_is_missing_and_the_message_says_how_to_get_it():
    with pytest.raises(DeviceMissing, match=r"/dev/spidev77\.0: No such file.*dtparam=spi=on"):
        SpiBus.opened("77.0")
