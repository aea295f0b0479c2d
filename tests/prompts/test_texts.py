import wave
from pathlib import Path

import numpy as np
import pytest

import agent.prompts
from agent.prompts.texts import TEXTS
from agent.session.effects import Prompt
from agent.units import SAMPLE_RATE_HZ

FOLDER = Path(agent.prompts.__file__).parent
BUNDLED = [(language, prompt) for language in ("es", "en") for prompt in Prompt]


def decibels(amplitude):
    return 20 * np.log10(amplitude)


def test_every_prompt_has_a_text_a_child_can_follow():
    assert [(language, prompt) for language, texts in TEXTS.items() for prompt in texts] == BUNDLED
    assert all(len(text.split()) <= 12 for texts in TEXTS.values() for text in texts.values())


@pytest.mark.parametrize(("language", "prompt"), BUNDLED)
def test_every_prompt_is_bundled_and_well_spoken(language, prompt):
    with wave.open(str(FOLDER / language / f"{prompt.value}.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (SAMPLE_RATE_HZ, 1, 2)
        speech = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    assert 1.5 < len(speech) / SAMPLE_RATE_HZ < 6
    assert -21 < decibels(np.sqrt(np.mean(speech**2))) < -19
    assert decibels(np.abs(speech).max()) < -6
    sounding = np.flatnonzero(np.abs(speech) > 0.02) / SAMPLE_RATE_HZ
    assert sounding[0] < 0.06
    assert len(speech) / SAMPLE_RATE_HZ - sounding[-1] < 0.06
