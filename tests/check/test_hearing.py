"""What a second of sound says of a microphone and its room."""

import numpy as np

from agent.check.hearing import judged

HISS = np.random.default_rng(7).normal(0, 33, (100, 240)).astype(np.int16)
"""-60 dBFS, and half a dB less in the quietest tenth of its periods."""


def test_a_muted_microphone_is_a_failure():
    assert judged(np.zeros((100, 240), np.int16), 0).verdict.value == "failed"
    assert judged(np.full((100, 240), 7, np.int16), 0).verdict.value == "failed"


def test_a_voice_is_not_noise_but_a_hum_is():
    spoken = HISS.copy()
    spoken[:80] *= 50
    assert judged(spoken, 0).verdict.value == "ok"
    hum = np.tile(np.round(1000 * np.sin(np.arange(240) * 2 * np.pi / 240)), (100, 1)).astype(np.int16)
    assert judged(hum, 0).verdict.value == "warning"


def test_a_constant_offset_is_no_noise():
    assert judged(HISS + np.int16(3000), 0).found.startswith("noise floor -61 dBFS")


def test_clipping_is_a_warning_with_the_number_of_samples():
    loud = HISS.copy()
    loud[:3, 0] = 32767, -32768, 32766
    check = judged(loud, 0)
    assert check.verdict.value == "warning"
    assert "2 samples clipped" in check.found


def test_what_was_lost_is_a_warning_whatever_else_was_heard():
    check = judged(HISS, 2)
    assert check.verdict.value == "warning"
    assert "2 overruns" in check.found
