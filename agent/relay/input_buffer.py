"""The service's ear: speech that was appended, until a commit makes it an item."""

from __future__ import annotations

from agent.relay.conversation import BYTES_PER_MS, Event
from agent.relay.shapes import Refused

SHORTEST_COMMIT_MS = 100
"""The real service refuses to commit less."""

LONGEST_BYTES = 300_000 * BYTES_PER_MS
"""Five minutes, five times a device's longest utterance; what is older falls out of the buffer."""


class InputBuffer:
    """Appended speech, int16 little-endian mono 24 kHz; a sample may span two appends."""

    def __init__(self) -> None:
        self._speech = bytearray()

    def append(self, speech: bytes) -> None:
        """Keep some more; the oldest goes when there is too much."""
        self._speech += speech
        del self._speech[: max(0, len(self._speech) - LONGEST_BYTES)]

    def clear(self) -> None:
        """Forget it all."""
        self._speech.clear()

    def commit(self) -> bytes:
        """
        Hand out what was appended and start afresh.

        Raises:
            Refused: If that is less than 100 ms; the buffer stays as it is.

        """
        length = len(self._speech) / BYTES_PER_MS
        if length < SHORTEST_COMMIT_MS:
            message = (
                f"Error committing input audio buffer: buffer too small. Expected at least {SHORTEST_COMMIT_MS}ms "
                f"of audio, but buffer only has {length:.2f}ms of audio."
            )
            raise Refused("input_audio_buffer_commit_empty", message)
        speech = bytes(self._speech)
        self._speech.clear()
        return speech


def transcribed(item_id: str, speech: bytes) -> list[Event]:
    """How the service tells what it understood. This one knows no words, and says so: it tells the length."""
    seconds = len(speech) / BYTES_PER_MS / 1000
    transcript = f"[{seconds:.1f} s]"
    place = {"item_id": item_id, "content_index": 0}
    usage = {"type": "duration", "seconds": round(seconds)}
    kind = "conversation.item.input_audio_transcription"
    return [
        {"type": f"{kind}.delta", **place, "delta": transcript},
        {"type": f"{kind}.completed", **place, "transcript": transcript, "usage": usage},
    ]
