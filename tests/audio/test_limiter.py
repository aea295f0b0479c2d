import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from agent.audio.limiter import Limiter

CEILING_DBFS = -6.0
CEILING = 16422
"""The largest sample at -6 dBFS: 32768 times 0.5012, rounded down."""

blocks = st.lists(arrays(np.int16, st.integers(0, 300)), max_size=6)


def voice(peak, milliseconds=10, hz=200.0):
    """A steady sound, a whole number of its waves per 10 ms."""
    return np.rint(peak * np.sin(2 * np.pi * hz * np.arange(24 * milliseconds) / 24_000)).astype(np.int16)


def limited(limiter, pcm):
    """The sound after the limiter, 10 ms at a time, as the playout does it."""
    return np.concatenate([limiter.process(block) for block in pcm.reshape(-1, 240)])


def loudest(pcm):
    return int(np.abs(pcm.astype(int)).max(initial=0))


@settings(max_examples=25, deadline=None)
@given(blocks=blocks, ceiling_dbfs=st.floats(-100, 0))
def test_whatever_comes_nothing_leaves_above_the_ceiling(blocks, ceiling_dbfs):
    limiter = Limiter(ceiling_dbfs)
    for pcm in [*blocks, np.full(240, -32768, np.int16), *blocks]:
        out = limiter.process(pcm)
        assert (out.dtype, out.shape) == (pcm.dtype, pcm.shape)
        assert loudest(out) <= min(32767, 32768 * 10 ** (ceiling_dbfs / 20))


def test_what_is_not_above_the_ceiling_passes_bit_for_bit():
    for pcm in (voice(CEILING, 500), np.full(240, -CEILING, np.int16), np.zeros(240, np.int16), np.zeros(0, np.int16)):
        assert np.array_equal(Limiter(CEILING_DBFS).process(pcm), pcm)


def test_a_voice_that_stays_too_loud_is_softer_but_not_bent():
    out = limited(Limiter(CEILING_DBFS), voice(32767, 300))[-2400:]
    assert loudest(out) == CEILING
    assert np.abs(out - CEILING / 32767 * voice(32767, 100)).max() <= 1


def test_a_loud_sound_within_the_block_is_met_by_a_gain_already_down():
    softly, burst = voice(8000, 5), voice(32767, 5)
    out = Limiter(CEILING_DBFS).process(np.concatenate((softly, burst)))
    too_loud = np.abs(burst) > CEILING
    assert np.abs(out[120:] - CEILING / 32767 * burst)[too_loud].max() <= 1


@pytest.mark.parametrize("phase", range(0, 240, 20))
def test_turning_down_and_up_never_makes_a_jump_wherever_the_sound_becomes_too_loud(phase):
    pcm = voice(32767, 120, hz=25)[phase:][:2400]
    came, left = (np.abs(np.diff(sound.astype(int))) for sound in (pcm, limited(Limiter(CEILING_DBFS), pcm)))
    half_the_gain_in_2_ms = 32767 / 2 / 48
    assert (left <= came + half_the_gain_in_2_ms + 1).all()


def test_200_ms_after_a_loud_sound_all_is_as_before_and_not_before_100():
    soft = voice(1000, 300)
    out = limited(Limiter(CEILING_DBFS - 20), np.concatenate((voice(32767, 50), soft)))[1200:]
    assert np.array_equal(out[4800:], soft[4800:])
    assert loudest(out[:2400]) < 900


def test_the_samples_that_came_are_left_alone():
    pcm = voice(32767)
    Limiter(CEILING_DBFS).process(pcm)
    assert np.array_equal(pcm, voice(32767))


@pytest.mark.parametrize("ceiling_dbfs", [0.1, 6.0, float("nan")])
def test_a_ceiling_above_full_scale_is_refused(ceiling_dbfs):
    with pytest.raises(ValueError, match="at most 0 dBFS"):
        Limiter(ceiling_dbfs)
