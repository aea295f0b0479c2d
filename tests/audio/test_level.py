import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays

from agent.audio.level import Meter, dbfs


def square(level_dbfs, milliseconds=10):
    """A square wave whose RMS is so many dB below full scale."""
    size = round(32768 * 10 ** (level_dbfs / 20))
    return np.where(np.arange(24 * milliseconds) // 12 % 2, size, -size).astype(np.int16)


def levels(meter, level_dbfs, periods):
    """What the ring sees, period after period."""
    return [meter.hear(square(level_dbfs)) for _ in range(periods)]


def test_the_level_is_the_rms_in_decibels_of_full_scale():
    assert dbfs(np.full(240, -32768, np.int16)) == 0.0
    assert dbfs(square(-20)) == pytest.approx(-20, abs=0.01)
    sine = np.rint(16384 * np.sin(2 * np.pi * np.arange(240) / 24)).astype(np.int16)
    assert dbfs(sine) == pytest.approx(-9.03, abs=0.01)


def test_silence_nothing_and_almost_nothing_are_the_floor():
    crumb = np.zeros(24_000, np.int16)
    crumb[7] = 1
    assert [dbfs(pcm) for pcm in (np.zeros(240, np.int16), np.zeros(0, np.int16), crumb)] == [-96, -96, -96]


@pytest.mark.parametrize(
    ("heard_dbfs", "shown"), [(-96, 0), (-55, 0), (-50, 0), (-30, 0.5), (-20, 0.75), (-10, 1), (-0.1, 1)]
)
def test_the_ring_is_dark_at_50_db_below_full_scale_and_bright_at_10(heard_dbfs, shown):
    assert Meter().hear(square(heard_dbfs)) == pytest.approx(shown, abs=0.01)


def test_the_first_period_of_a_word_shows_at_once_and_fades_for_half_a_second_after_it():
    meter = Meter()
    assert levels(meter, -10, 1) == [pytest.approx(1, abs=0.01)]
    fading = levels(meter, -96, 50)
    assert fading == sorted(fading, reverse=True)
    assert fading[19] == pytest.approx(0.6, abs=0.01)
    assert fading[-2:] == [pytest.approx(0.02, abs=0.01), pytest.approx(0, abs=0.01)]


def test_a_fading_level_stops_at_the_softer_sound_that_follows():
    meter = Meter()
    levels(meter, -10, 1)
    assert levels(meter, -30, 60)[-1] == pytest.approx(0.5, abs=0.01)


def test_the_level_does_not_depend_on_how_the_stream_is_cut():
    coarse, fine = Meter(), Meter()
    for meter in (coarse, fine):
        meter.hear(square(-10))
    coarse.hear(square(-96, 100))
    levels(fine, -96, 10)
    assert coarse.level == pytest.approx(fine.level)


@settings(max_examples=20, deadline=None)
@given(pcm=arrays(np.int16, 50))
def test_the_level_is_always_between_0_and_1_and_there_to_be_read(pcm):
    meter = Meter()
    assert 0 <= meter.hear(pcm) == meter.level <= 1
    assert -96 <= dbfs(pcm) <= 0
