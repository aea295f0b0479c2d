import numpy as np
import pytest

from agent.prompts.book import Prompter
from agent.session.effects import Prompt


@pytest.mark.parametrize("language", ["es-PR", "en-US"])
def test_every_prompt_can_be_said(language):
    prompter = Prompter(language)
    for prompt in Prompt:
        pcm = prompter.choose(prompt, 0.0)
        assert pcm.dtype == np.int16
        assert pcm.ndim == 1


def test_spanish_for_spanish_and_english_for_the_rest():
    said = {tag: Prompter(tag).choose(Prompt.LATER, 0.0).tobytes() for tag in ("es", "es-PR", "en-US", "fr")}
    assert said["es"] == said["es-PR"]
    assert said["en-US"] == said["fr"] != said["es"]


def test_a_dead_button_is_explained_once_a_minute():
    prompter = Prompter("es-PR")
    said = [at for at in range(100, 230, 10) if prompter.choose(Prompt.NOT_CONNECTED, at) is not None]
    assert said == [100, 160, 220]


def test_another_prompt_is_not_held_back():
    prompter = Prompter("en-US")
    assert prompter.choose(Prompt.LATER, 0.0) is not None
    assert prompter.choose(Prompt.TOO_LONG, 0.0) is not None


def test_what_is_handed_out_can_not_be_spoilt():
    with pytest.raises(ValueError, match="read-only"):
        Prompter("en-US").choose(Prompt.LATER, 0.0)[0] = 1
