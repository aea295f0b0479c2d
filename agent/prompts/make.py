"""
Make the bundled prompts anew: `python -m agent.prompts.make`, on a developer's machine.

Needs `espeak-ng` (Debian: `apt install espeak-ng`) for the voices. Run it after a change of `texts.py`, listen to the
result, and commit the WAVs: the device never speaks a text, it plays these files.
"""

from __future__ import annotations

import io
import subprocess
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from agent.prompts.texts import TEXTS
from agent.units import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, SAMPLES_PER_MS, Pcm

VOICES = {"es": "es-419", "en": "en-us"}
"""Latin American Spanish and American English: the children's own."""

WORDS_PER_MINUTE = 135
"""Slower than espeak-ng's own 175, for small children and a second language."""

PITCH = 60
"""Of 0 to 99; a little above the usual 50, to sound less stern."""

LEVEL = 0.1
"""RMS over the whole prompt, of full scale: -20 dBFS, which leaves its peaks 14 dB."""

PEAK = 0.47
"""Of full scale: -6.6 dBFS, below the -6 dBFS at which the limiter in the playout path begins."""

SILENT = 0.01
"""Of full scale, -40 dBFS: below this, a prompt has not begun or is over."""

NEARBY = 15 * SAMPLES_PER_MS
"""To either side of a peak: two pitch periods of the voice, so that it gets softer and not hoarse."""

MARGIN = 20 * SAMPLES_PER_MS
"""Kept before and after what is not silent, so that no soft consonant is cut."""

Samples = npt.NDArray[np.float64]


def shaped(samples: Samples) -> Pcm:
    """
    Trim silence and set the level.

    Args:
        samples: Speech, shape (n,), 24 kHz mono, full scale 1; not all of it silent.

    Returns:
        The same at -20 dBFS RMS, turned down around its peaks so that they stay below -6 dBFS.

    """
    loud = np.flatnonzero(np.abs(samples) > SILENT)
    speech = samples[max(loud[0] - MARGIN, 0) : loud[-1] + MARGIN]
    nearby = np.lib.stride_tricks.sliding_window_view(np.pad(np.abs(speech), NEARBY), 2 * NEARBY + 1).max(axis=1)
    low, high = 0.0, 1000.0
    for _ in range(30):  # bisection: the level grows with the gain, however much the peaks are turned down
        gain = (low + high) / 2
        too_loud = np.sqrt(np.mean(_limited(speech * gain, nearby * gain) ** 2)) > LEVEL
        low, high = (low, gain) if too_loud else (gain, high)
    return np.round(_limited(speech * low, nearby * low) * 32767).astype(np.int16)


def _limited(speech: Samples, nearby: Samples) -> Samples:
    """Turned down by a limiter that sees the future: the least gain needed nearby, averaged over as much, is enough."""
    gain = np.pad(PEAK / np.maximum(nearby, PEAK), NEARBY, mode="edge")
    window = np.hanning(2 * NEARBY + 3)[1:-1]
    smooth: Samples = np.convolve(gain, window / window.sum(), mode="valid")
    return speech * smooth


def spoken(text: str, voice: str) -> Samples:
    """The text in espeak-ng's voice, shape (n,), 24 kHz mono, full scale 1."""
    command = ["espeak-ng", "-v", voice, "-s", str(WORDS_PER_MINUTE), "-p", str(PITCH), "--stdout", text]
    audio = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 -- our own words
    with wave.open(io.BytesIO(audio)) as file:
        rate = file.getframerate()
        pcm = file.readframes(len(audio))  # more than there is: a pipe's header does not know the length
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64) / 32768
    resampled: Samples = soxr.resample(samples, rate, SAMPLE_RATE_HZ, quality="VHQ")
    return resampled


def write(path: Path, pcm: Pcm) -> None:
    """Write a WAV, 24 kHz mono int16."""
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(BYTES_PER_SAMPLE)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(pcm.astype("<i2").tobytes())


def main() -> None:
    """Make them all."""
    for language, texts in TEXTS.items():
        for prompt, text in texts.items():
            path = Path(__file__).with_name(language) / f"{prompt.value}.wav"
            write(path, shaped(spoken(text, VOICES[language])))


if __name__ == "__main__":
    main()
