import wave

import numpy as np
import pytest

from agent.prompts.make import shaped, write


def speech(gain):
    """Half a second of a buzz with a burst ten times as loud, silence around it."""
    buzz = np.sin(np.arange(12_000) * 0.05)
    buzz[6_000:6_240] *= 10
    return gain * np.pad(buzz, 12_000)


@pytest.mark.parametrize("gain", [0.02, 0.09])
def test_speech_comes_out_at_its_level_with_its_peaks_below_the_limiter(gain):
    level = shaped(speech(gain)) / 32768
    assert np.sqrt(np.mean(level**2)) == pytest.approx(0.1, rel=0.01)
    assert np.abs(level).max() < 10 ** (-6 / 20)


def test_silence_around_it_is_trimmed_to_a_margin():
    assert 12_000 < len(shaped(speech(0.09))) <= 12_000 + 2 * 480


def test_what_is_written_is_a_plain_wav(tmp_path):
    write(tmp_path / "es" / "hola.wav", np.array([1, -2, 3], np.int16))
    with wave.open(str(tmp_path / "es" / "hola.wav")) as file:
        assert file.getparams()[:4] == (1, 2, 24_000, 3)
        assert np.frombuffer(file.readframes(3), "<i2").tolist() == [1, -2, 3]
