from itertools import pairwise

import numpy as np
import pytest

from agent.prompts.book import Prompter
from agent.session.effects import Prompt


@pytest.mark.parametrize("language", ["es-PR", "en-US"])
def test_every_prompt_can_be_said(language):
    prompter = Prompter(language)
    for minute, prompt in enumerate(Prompt):
        pcm = prompter.choose(prompt, 60.0 * minute)
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


def test_a_child_who_tries_everything_meets_no_talking_machine():
    prompter = Prompter("en-US")
    tried = [(at, prompt) for at in range(0, 300, 7) for prompt in Prompt]
    said = [at for at, prompt in tried if prompter.choose(prompt, at) is not None]
    assert min(later - sooner for sooner, later in pairwise(said)) >= 60
    assert len(said) == 5


def test_what_is_handed_out_can_not_be_spoilt():
    with pytest.raises(ValueError, match="read-only"):
        Prompter("en-US").choose(Prompt.LATER, 0.0)[0] = 1
