"""What the hardware tests make of a recording and of edges, on sounds and edges whose truth is known."""

import numpy as np
import pytest

from agent.audio.level import FLOOR_DBFS
from agent.units import SAMPLE_RATE_HZ
from hw_tests.analysis import (
    Bounces,
    Movement,
    bounces,
    clipped,
    find_tone,
    movements,
    noise_floor_dbfs,
    tone,
)

MS = SAMPLE_RATE_HZ // 1000
QUIET = 500 * MS


def hiss(length_s, rms=20.0, seed=7):
    return np.random.default_rng(seed).normal(0, rms, round(length_s * SAMPLE_RATE_HZ))


def room(sound, begin, gain=1.0, length_s=2.0, rms=20.0):
    """What a microphone in a hissing room hears of a sound that begins at this sample."""
    heard = hiss(length_s, rms)
    heard[begin : begin + len(sound)] += gain * sound
    return np.rint(np.clip(heard, -32768, 32767)).astype(np.int16)


@pytest.mark.parametrize("begin", [QUIET, QUIET + 1234, QUIET + 7777])
@pytest.mark.parametrize("gain", [1.0, 0.02])
def test_a_tone_is_found_within_a_millisecond_and_its_level_within_half_a_decibel(begin, gain):
    heard = find_tone(room(tone(0.5, -12), begin, gain), QUIET)
    assert heard.begin == pytest.approx(begin, abs=MS)
    assert heard.end == pytest.approx(begin + 500 * MS, abs=MS)
    assert heard.level_dbfs == pytest.approx(-12 - 3.01 + 20 * np.log10(gain), abs=0.5)


def test_the_noise_before_a_tone_is_what_it_stands_above():
    quiet, loud = (find_tone(room(tone(0.5, -20), QUIET, rms=rms), QUIET) for rms in (10, 100))
    assert quiet.above_noise_db - loud.above_noise_db == pytest.approx(20, abs=1)


def test_an_echo_of_the_room_is_not_the_tone():
    dry = tone(0.5, -12).astype(float)
    wet = np.concatenate((dry, np.zeros(SAMPLE_RATE_HZ // 2)))
    for delay_ms, gain in ((80, 0.15), (160, 0.05)):
        wet[delay_ms * MS : delay_ms * MS + len(dry)] += gain * dry
    heard = find_tone(room(wet, QUIET), QUIET)
    assert heard.end == pytest.approx(QUIET + 500 * MS, abs=MS)


@pytest.mark.parametrize(
    "pcm",
    [np.zeros(0, np.int16), np.zeros(SAMPLE_RATE_HZ, np.int16), room(np.zeros(1), QUIET), room(tone(0.5, -75), QUIET)],
    ids=["no samples", "digital silence", "hiss", "a tone below the hiss"],
)
def test_where_no_tone_stands_out_none_is_found(pcm):
    assert find_tone(pcm, QUIET) is None


def test_a_tone_does_not_click():
    steps = np.abs(np.diff(np.concatenate(([0], tone(0.1, 0).astype(int), [0]))))
    assert steps[:MS].max() < steps[50 * MS : 60 * MS].max()
    assert steps[-MS:].max() < steps[50 * MS : 60 * MS].max()


def test_a_cough_is_no_noise_floor():
    heard = hiss(3, rms=32.768)
    heard[SAMPLE_RATE_HZ : 2 * SAMPLE_RATE_HZ] *= 100
    assert noise_floor_dbfs(heard.astype(np.int16)) == pytest.approx(-60, abs=0.5)


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_microphone_that_is_off_has_the_lowest_floor_there_is(seconds):
    assert noise_floor_dbfs(np.zeros(seconds * SAMPLE_RATE_HZ, np.int16)) == FLOOR_DBFS


@pytest.mark.parametrize(
    ("samples", "flat"),
    [
        ([32767, 32767, 32767, 5, -32768, -32767, -32768, -32768], 7),
        ([0, 32767, 32767, 0, -32768, 0], 0),
        ([32766] * 9, 0),
        ([], 0),
    ],
    ids=["two flat tops", "loud samples", "just fits", "nothing"],
)
def test_flat_tops_of_three_samples_and_more_are_clipped(samples, flat):
    assert clipped(np.array(samples, np.int16)) == flat


def test_edges_close_to_each_other_are_one_movement():
    edges = [(True, 1.0), (False, 1.004), (True, 1.007), (False, 1.3), (True, 1.302), (False, 1.303)]
    moved = movements(edges, 0.030)
    assert moved == [Movement(True, 1.0, pytest.approx(0.007)), Movement(False, 1.3, pytest.approx(0.003))]


def test_movements_add_up_to_how_a_contact_chatters():
    moved = [Movement(n % 2 == 0, float(n), 0.001 * (n % 4)) for n in range(40)]
    summed = bounces(moved)
    assert (summed.presses, summed.releases, summed.chattering) == (20, 20, 30)
    assert (summed.worst, summed.p95) == (0.003, 0.003)


def test_a_contact_that_never_moved_never_chattered():
    assert bounces(movements([], 0.030)) == Bounces(0, 0, 0, 0.0, 0.0)
