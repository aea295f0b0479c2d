"""What the device can say by itself, in memory, and not too often."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np

from agent.session.effects import Prompt
from agent.units import Pcm, Seconds

NOT_AGAIN_FOR: Final = Seconds(60)
"""Whatever is wrong, and however many things are, the device speaks up once a minute: a child who tries one thing after
another must not meet a machine that talks and talks. What is not said is still shown: the ring goes to a scene of the
trouble, or back to READY where another try is all it takes."""


class Prompter:
    """
    The five prompts in one language, loaded at once: when they are needed, nothing may have to be read.

    Args:
        language: A tag such as `es-PR`; English unless it is Spanish.

    """

    def __init__(self, language: str) -> None:
        folder = Path(__file__).with_name("es" if language.startswith("es") else "en")
        self._pcm = {prompt: _read(folder / f"{prompt.value}.wav") for prompt in Prompt}
        self._chosen_at: Seconds | None = None

    def choose(self, prompt: Prompt, at: Seconds) -> Pcm | None:
        """What to say for this prompt; None if any was chosen less than a minute before `at` (monotonic)."""
        if self._chosen_at is not None and at - self._chosen_at < NOT_AGAIN_FOR:
            return None
        self._chosen_at = at
        return self._pcm[prompt]


def _read(path: Path) -> Pcm:
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)
    pcm.flags.writeable = False  # the same samples are handed out each time
    return pcm
