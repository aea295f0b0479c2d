"""One response of the service: what it says and when, in the order and the shapes of recorded sessions."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from agent.relay.conversation import BYTES_PER_MS, Conversation, Event, Item
from agent.relay.tokens import CHARACTERS_PER_TOKEN, SPOKEN_MS_PER_TOKEN, tokens, usage
from agent.units import Seconds

CREATED_AFTER = 0.03
"""Seconds from `response.create` to `response.created`: a cancel can come too early, as on the real service."""

SPEAKS_AFTER = 0.3
"""Seconds from `response.create` to the first delta: quick for a model, long enough that THINKING can be seen."""

DELTA_BYTES = 250 * BYTES_PER_MS
"""Recorded deltas carry 250 ms."""

DELTA_EVERY = 0.05
"""Seconds between deltas: recorded audio comes about five times faster than it plays."""

CANCELLED_AFTER = 0.04
"""Seconds from `response.cancel` to the end: a late delta may still come, and the slot is not free at once."""

LONGEST_REPLY_TOKENS = 4096
"""What the model's own cap amounts to when the session says "inf": 205 s of sound."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a voice says: int16 little-endian mono 24 kHz, and its words."""

    pcm: bytes
    transcript: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `response.create` and the session ask of a reply."""

    audio: Event
    max_output_tokens: int | str
    metadata: Any


class Reply:
    """A schedule of server events, from `response.create` (at `asked_at`) to `response.done`."""

    def __init__(
        self, ids: tuple[str, str], spoken: Spoken, wishes: Wishes, conversation: Conversation, asked_at: Seconds
    ) -> None:
        self.id, item_id = ids
        self.created = False
        self._item = Item(item_id, "assistant", status="in_progress")
        self._begun = False
        self._said_bytes = 0
        self._wishes, self._conversation = wishes, conversation
        self._told = (conversation.text_tokens, conversation.audio_tokens)
        limit = wishes.max_output_tokens
        most = (limit if isinstance(limit, int) else LONGEST_REPLY_TOKENS) * SPOKEN_MS_PER_TOKEN * BYTES_PER_MS
        self._deltas = _cut(spoken.pcm[:most], DELTA_BYTES)
        self._words = _spread(spoken.transcript, len(self._deltas))
        self._transcript = ""
        end = ("incomplete", "max_output_tokens") if len(spoken.pcm) > most else ("completed", "")
        self._steps = self._scheduled(asked_at, *end)

    @property
    def due(self) -> Seconds:
        """When the next events are to be said, while the response is not over."""
        return self._steps[0][0]

    @property
    def audible(self) -> bool:
        """Whether sound of it was sent."""
        return self._item.spoken

    @property
    def over(self) -> bool:
        """Whether `response.done` was said."""
        return not self._steps

    def next(self) -> list[Event]:
        """What is to be said at `due`."""
        return self._steps.popleft()[1]()

    def cancel(self, at: Seconds) -> None:
        """Let the response end early, as the client asked, unless it ends by itself before that."""
        end = Seconds(at + CANCELLED_AFTER)
        if self._steps[-1][0] <= end:
            return
        kept = [step for step in self._steps if step[0] < end]
        self._steps = deque([*kept, (end, partial(self._end, "cancelled", "client_cancelled"))])

    def _scheduled(self, at: Seconds, status: str, reason: str) -> deque[tuple[Seconds, Callable[[], list[Event]]]]:
        speaks_at = at + SPEAKS_AFTER
        steps: list[tuple[float, Callable[[], list[Event]]]] = [(at + CREATED_AFTER, self._create)]
        if self._deltas:
            steps.append((speaks_at, self._begin))
        steps += [(speaks_at + i * DELTA_EVERY, partial(self._speak, i)) for i in range(len(self._deltas))]
        steps.append((speaks_at + len(self._deltas) * DELTA_EVERY, partial(self._end, status, reason)))
        return deque((Seconds(when), step) for when, step in steps)

    def _create(self) -> list[Event]:
        self.created = True
        return [{"type": "response.created", "response": self._wire("in_progress", None, None)}]

    def _begin(self) -> list[Event]:
        self._begun = True
        item = self._item.wire()
        previous = self._conversation.add(self._item)
        return [
            {"type": "response.output_item.added", "response_id": self.id, "output_index": 0, "item": item},
            {"type": "conversation.item.added", "previous_item_id": previous, "item": item},
            self._of_part("response.content_part.added", part={"type": "audio", "transcript": ""}),
        ]

    def _speak(self, index: int) -> list[Event]:
        pcm, words = self._deltas[index], self._words[index]
        self._said_bytes += len(pcm)
        self._item.spoken = True
        self._item.audio_bytes += 0 if self._item.was_cut else len(pcm)
        self._transcript += "".join(words)
        return [
            *(self._of_part("response.output_audio_transcript.delta", delta=word) for word in words),
            self._of_part("response.output_audio.delta", delta=base64.b64encode(pcm).decode("ascii")),
        ]

    def _end(self, status: str, reason: str) -> list[Event]:
        details = {"type": status, "reason": reason} if reason else None
        closing = self._close("completed" if status == "completed" else "incomplete") if self._begun else []
        return [*closing, {"type": "response.done", "response": self._wire(status, details, self._usage())}]

    def _close(self, status: str) -> list[Event]:
        self._item.status = status
        heard = None if self._item.was_cut else self._transcript
        self._item.content = [{"type": "output_audio", "transcript": heard}]
        item = self._item.wire()
        return [
            self._of_part("response.output_audio.done"),
            self._of_part("response.output_audio_transcript.done", transcript=self._transcript),
            self._of_part("response.content_part.done", part={"type": "audio", "transcript": self._transcript}),
            {"type": "conversation.item.done", "previous_item_id": None, "item": item},
            {"type": "response.output_item.done", "response_id": self.id, "output_index": 0, "item": item},
        ]

    def _of_part(self, kind: str, **more: Any) -> Event:  # noqa: ANN401 -- fields of the wire
        place = {"response_id": self.id, "item_id": self._item.id, "output_index": 0, "content_index": 0}
        return {"type": kind, **place, **more}

    def _wire(self, status: str, details: Event | None, usage: Event | None) -> Event:
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": details,
            "output": [self._item.wire()] if self._begun and status != "in_progress" else [],
            "conversation_id": self._conversation.id,
            "output_modalities": ["audio"],
            "max_output_tokens": self._wishes.max_output_tokens,
            "audio": {"output": self._wishes.audio},
            "usage": usage,
            "metadata": self._wishes.metadata,
        }

    def _usage(self) -> Event:
        words = tokens(len(self._transcript), CHARACTERS_PER_TOKEN)
        return usage(self._told, (words, tokens(self._said_bytes // BYTES_PER_MS, SPOKEN_MS_PER_TOKEN)))


def _cut(pcm: bytes, size: int) -> list[bytes]:
    return [pcm[start : start + size] for start in range(0, len(pcm), size)]


def _spread(transcript: str, deltas: int) -> list[list[str]]:
    """The words for each delta: all of them within the first half, for captions run ahead of the sound."""
    spread: list[list[str]] = [[] for _ in range(deltas)]
    words = transcript.split(" ") if deltas else []
    for index, word in enumerate(words):
        spread[index * deltas // (2 * len(words))].append(word if index == 0 else f" {word}")
    return spread
