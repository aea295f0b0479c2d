"""What the device can say by itself, in memory, and not too often."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np

from agent.session.effects import Prompt
from agent.units import Pcm, Seconds

NOT_AGAIN_FOR: Final = Seconds(60)
"""A child who presses a dead button again and again is told once a minute; the ring says it all the time."""


class Prompter:
    """
    The five prompts in one language, loaded at once: when they are needed, nothing may have to be read.

    Args:
        language: A tag such as `es-PR`; English unless it is Spanish.

    """

    def __init__(self, language: str) -> None:
        folder = Path(__file__).with_name("es" if language.startswith("es") else "en")
        self._pcm = {prompt: _read(folder / f"{prompt.value}.wav") for prompt in Prompt}
        self._chosen_at: dict[Prompt, Seconds] = {}

    def choose(self, prompt: Prompt, at: Seconds) -> Pcm | None:
        """What to say for this prompt; None if it was chosen less than a minute before `at` (monotonic)."""
        before = self._chosen_at.get(prompt)
        if before is not None and at - before < NOT_AGAIN_FOR:
            return None
        self._chosen_at[prompt] = at
        return self._pcm[prompt]


def _read(path: Path) -> Pcm:
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)
    pcm.flags.writeable = False  # the same samples are handed out each time
    return pcm
