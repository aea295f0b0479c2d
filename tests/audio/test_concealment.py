import numpy as np
import pytest

from agent.audio.concealment import (
    CONCEALED_SAMPLES,
    FULL_SAMPLES,
    JOIN_SAMPLES,
    LONGEST_LAG,
    PAST_SAMPLES,
    SHORTEST_LAG,
    Join,
    extended,
    fade_out,
    repeated,
)
from agent.units import SAMPLE_RATE_HZ


def voice(hz, samples=4800):
    phase = 2 * np.pi * hz * np.arange(samples) / SAMPLE_RATE_HZ
    return (8000 * np.sin(phase) + 3000 * np.sin(2 * phase + 1)).astype(np.int16)


def noise(level, samples=4800):
    return np.random.default_rng(1).normal(0, level, samples).astype(np.int16)


def steepest(*sounds):
    return int(np.abs(np.diff(np.concatenate(sounds).astype(int))).max())


@pytest.mark.parametrize("hz", [90, 137, 220, 311, 395])
def test_a_voice_lasts_some_whole_periods_longer_without_a_trace(hz):
    sound = voice(hz)
    before, after = sound[:2000], sound[2000:]
    more = repeated(before, after)
    assert SHORTEST_LAG <= len(more) <= LONGEST_LAG
    periods = len(more) * hz / SAMPLE_RATE_HZ
    assert periods == pytest.approx(round(periods), abs=0.02)
    assert steepest(before, more, after) <= 1.05 * steepest(sound)


def test_a_consonant_is_not_repeated_but_the_quiet_between_words_is():
    assert len(repeated(noise(3000)[:2000], noise(3000)[2000:])) == 0
    assert len(repeated(noise(50)[:2000], noise(50)[2000:])) == LONGEST_LAG


@pytest.mark.parametrize("sound", [voice(150), voice(311), noise(3000), noise(0)], ids=["low", "high", "hiss", "none"])
def test_a_gap_is_bridged_without_a_click_and_is_silent_after_60_ms(sound):
    past = sound[:PAST_SAMPLES]
    bridge = extended(past)
    assert len(bridge) == CONCEALED_SAMPLES + JOIN_SAMPLES
    assert steepest(past[-10:], bridge) <= 1.3 * steepest(sound)
    assert not bridge[CONCEALED_SAMPLES:].any()


def test_a_bridge_is_the_voice_itself_at_first_and_then_grows_softer():
    sound = voice(200)
    bridge = extended(sound[:PAST_SAMPLES])
    true = sound[PAST_SAMPLES:][: len(bridge)].astype(int)
    assert np.abs(bridge[:FULL_SAMPLES] - true[:FULL_SAMPLES]).max() < 300
    loudness = [np.abs(part).max() for part in np.split(bridge[:CONCEALED_SAMPLES], 6)]
    assert loudness == sorted(loudness, reverse=True)
    assert loudness[-1] < loudness[0] / 4


def test_a_join_is_the_same_however_the_coming_sound_is_cut_up():
    leaving, coming = voice(150)[:JOIN_SAMPLES], voice(311)[:400]
    whole, cut = Join(leaving), Join(leaving)
    at_once = np.concatenate((whole.mix(coming[:JOIN_SAMPLES]), whole.mix(coming[JOIN_SAMPLES:])))
    bits = [coming[:50], coming[50:JOIN_SAMPLES], coming[JOIN_SAMPLES:]]
    assert np.array_equal(at_once, np.concatenate([cut.mix(bit) for bit in bits]))
    assert np.array_equal(at_once[JOIN_SAMPLES:], coming[JOIN_SAMPLES:])
    assert abs(int(at_once[0]) - int(leaving[0])) < 100


def test_a_loud_sound_fades_out_to_nothing_and_full_scale_does_not_wrap():
    faded = fade_out(np.full(JOIN_SAMPLES, -32768, np.int16))
    assert faded[0] < -32000
    assert -300 < faded[-1] <= 0
    square = np.where(np.arange(4800) // 60 % 2, 32767, -32768).astype(np.int16)
    bridge = extended(square[-PAST_SAMPLES:])
    assert np.array_equal(np.sign(bridge[:FULL_SAMPLES]), np.sign(square[:FULL_SAMPLES]))
