"""WAV files: what a simulated student says, and what a simulated speaker played."""

from __future__ import annotations

import wave
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import soxr

from agent.errors import BadInput
from agent.units import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, Pcm

EXPECTED = "a WAV file of 16-bit PCM, mono or stereo, 8000 to 48000 Hz"


def read_wav(path: Path) -> Pcm:
    """
    Read speech: stereo is averaged, other rates become 24 kHz.

    Raises:
        BadInput: If the file is missing, unreadable or of another format; the message says which.

    """
    try:
        with path.open("rb") as file, wave.open(file) as wav:
            _check_format(path, wav)
            samples = _samples(wav)
            rate = wav.getframerate()
    except OSError as trouble:
        raise BadInput(str(path), _reason(trouble), EXPECTED) from None
    except (EOFError, RuntimeError):  # the second, undocumented: a chunk that is longer than the file says it is
        raise BadInput(str(path), "an empty or cut-off file", EXPECTED) from None
    except wave.Error as trouble:
        raise BadInput(str(path), f"another kind of file ({trouble})", EXPECTED) from None
    # In float, because soxr dithers int16: silence would not stay silent, and no two readings would be the same.
    speech = samples if rate == SAMPLE_RATE_HZ else soxr.resample(samples, rate, SAMPLE_RATE_HZ)
    if not len(speech):
        raise BadInput(str(path), "no samples", EXPECTED)
    return np.clip(np.rint(speech), -32768, 32767).astype(np.int16)


def _reason(trouble: OSError) -> str:
    return (trouble.strerror or "something unreadable").lower()


def _check_format(path: Path, wav: wave.Wave_read) -> None:
    if wav.getsampwidth() != BYTES_PER_SAMPLE:
        raise BadInput(str(path), f"{8 * wav.getsampwidth()}-bit samples", EXPECTED)
    if wav.getnchannels() > 2:
        raise BadInput(str(path), f"{wav.getnchannels()} channels", EXPECTED)
    if not 8_000 <= wav.getframerate() <= 48_000:
        raise BadInput(str(path), f"{wav.getframerate()} Hz", EXPECTED)


def _samples(wav: wave.Wave_read) -> npt.NDArray[np.float64]:
    data = wav.readframes(wav.getnframes())
    whole = len(data) - len(data) % (BYTES_PER_SAMPLE * wav.getnchannels())
    frames = np.frombuffer(data[:whole], "<i2").reshape(-1, wav.getnchannels())
    averaged: npt.NDArray[np.float64] = frames.mean(axis=1)
    return averaged


class WavWriter:
    """
    A 24 kHz mono WAV file that grows; a context manager.

    Threads: one at a time.

    Raises:
        BadInput: If the file cannot be made.

    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("wb")
        except OSError as trouble:
            raise BadInput(str(path), _reason(trouble), "a place for a WAV file") from None
        self._wav = wave.open(self._file, "wb")  # noqa: SIM115  closed by close()
        self._wav.setnchannels(1)
        self._wav.setsampwidth(BYTES_PER_SAMPLE)
        self._wav.setframerate(SAMPLE_RATE_HZ)

    def write(self, pcm: Pcm) -> None:
        """Append samples."""
        self._wav.writeframesraw(pcm.astype("<i2").tobytes())

    def close(self) -> None:
        """Write the header's lengths and close; closing twice is fine."""
        self._wav.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
