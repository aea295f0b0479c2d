"""The loudest a child's ears can get, whatever the far end sends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agent.audio.level import FULL_SCALE
from agent.units import SAMPLES_PER_MS, Pcm

ATTACK_SAMPLES = 2 * SAMPLES_PER_MS
"""The way down: 2 ms. A gain that steps is a click, one that slides is not; and hardly anything has to be clipped."""

RELEASE_SAMPLES = 200 * SAMPLES_PER_MS
"""
The way up from nothing to full gain: 200 ms, about one syllable. Much less, and the gain follows the single pulses
of the voice (up to 12 ms apart), which sounds hoarse; much more, and the words after a loud one are too soft.
"""

Gain = npt.NDArray[np.float64]
"""A factor per sample, shape (n,), 0 to 1."""


class Limiter:
    """
    Turn down what is above the ceiling, gently, and leave alone what is not.

    The whole block is known before its first sample is played, so the gain is down 2 ms into the block, mostly before
    the loud sample comes. What is too loud even sooner is clipped at the ceiling meanwhile: bent, but without a jump.

    Threads: the playout thread only.

    Args:
        ceiling_dbfs: The largest sample, in dB of full scale; at most 0.

    Raises:
        ValueError: If the ceiling is above 0 or not a number.

    """

    def __init__(self, ceiling_dbfs: float) -> None:
        if not ceiling_dbfs <= 0:
            raise ValueError(f"a ceiling is at most 0 dBFS, not {ceiling_dbfs}")
        self._ceiling = min(FULL_SCALE - 1, int(FULL_SCALE * 10 ** (ceiling_dbfs / 20)))
        self._gain = 1.0

    @property
    def is_at_rest(self) -> bool:
        """Whether the gain is whole, so that silence would come out as it is."""
        return self._gain == 1.0

    def process(self, pcm: Pcm) -> Pcm:
        """
        Return the next samples of the stream, any number, none above the ceiling.

        They are the very array that came while nothing is above the ceiling and the gain is whole, else a new one.
        """
        if not len(pcm):
            return pcm
        peak = max(int(pcm.max()), -int(pcm.min()))  # of ints: in int16, abs(-32768) is -32768
        if peak <= self._ceiling and self._gain == 1.0:
            return pcm
        bearable = min(1.0, self._ceiling / max(peak, 1))
        gain = self._slide(len(pcm), bearable)
        self._gain = float(gain[-1])
        return np.clip(np.rint(pcm * gain), -self._ceiling, self._ceiling).astype(np.int16)

    def _slide(self, count: int, bearable: float) -> Gain:
        """The gain at each sample on its way to what the block bears: down in the attack, or up with the release."""
        ticks = np.arange(1, count + 1, dtype=np.float64)
        if bearable < self._gain:
            return np.maximum(self._gain - (self._gain - bearable) / ATTACK_SAMPLES * ticks, bearable)
        return np.minimum(self._gain + ticks / RELEASE_SAMPLES, bearable)
