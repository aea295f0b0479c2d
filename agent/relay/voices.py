"""What the stand-in answers with: bundled recordings, or what it heard."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from importlib.resources import files
from itertools import cycle

from agent.relay.conversation import BYTES_PER_MS
from agent.relay.reply import Spoken

TRANSCRIPTS = {"es": "[grabación de muestra, en español]", "en": "[sample recording, in English]"}
"""The recordings are cut from longer ones: which words are left is not known, so none are claimed."""

LENGTHS = ("long", "medium")
"""The tutor's recordings; the short ones are for students."""


class ScriptedVoice:
    """Says one recording after the other, whatever it heard."""

    def __init__(self, replies: Sequence[Spoken]) -> None:
        self._replies = cycle(replies)

    def answer(self, heard: bytes) -> Spoken:  # noqa: ARG002 -- a Voice is given the utterance
        """The next recording."""
        return next(self._replies)


class ParrotVoice:
    """Says back what it heard: a classroom's sound check."""

    def answer(self, heard: bytes) -> Spoken:
        """The utterance itself, whole samples of it."""
        pcm = heard[: len(heard) // 2 * 2]
        return Spoken(pcm, f"[{len(pcm) / BYTES_PER_MS / 1000:.1f} s]")


def recordings() -> dict[str, list[Spoken]]:
    """The bundled replies by language, "es" and "en", the longest first."""
    return {language: [_recording(language, length) for length in LENGTHS] for language in TRANSCRIPTS}


def bilingual(replies: dict[str, list[Spoken]], language: str) -> list[Spoken]:
    """The replies for a device: its own language first, then the other, in turn."""
    other = "en" if language == "es" else "es"
    return [spoken for pair in zip(replies[language], replies[other], strict=True) for spoken in pair]


def _recording(language: str, length: str) -> Spoken:
    data = (files("agent") / "speech" / f"{language}-{length}.wav").read_bytes()
    with wave.open(io.BytesIO(data)) as recording:
        return Spoken(recording.readframes(recording.getnframes()), TRANSCRIPTS[language])
