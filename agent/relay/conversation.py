"""What has been said in one session: items in order, their length in tokens, and what no longer fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agent.relay.shapes import Refused
from agent.relay.tokens import CHARACTERS_PER_TOKEN, FRAME_TOKENS, HEARD_MS_PER_TOKEN, SPOKEN_MS_PER_TOKEN, tokens
from agent.units import BYTES_PER_SAMPLE, SAMPLES_PER_MS

Event = dict[str, Any]
"""One JSON object of the wire."""

BYTES_PER_MS = SAMPLES_PER_MS * BYTES_PER_SAMPLE

CONTEXT_TOKENS = 32_000
"""What gpt-realtime keeps; beyond it the oldest items vanish without a word (truncation "auto")."""


@dataclass(slots=True)
class Item:
    """
    One message.

    `audio_bytes` is how much of its sound counts, `spoken` says that it is a reply with sound (be it cut to nothing).
    """

    id: str
    role: str
    content: list[Event] = field(default_factory=list)
    status: str = "completed"
    audio_bytes: int = 0
    spoken: bool = False
    was_cut: bool = False

    @property
    def audio_ms(self) -> int:
        """Whole milliseconds of sound."""
        return self.audio_bytes // BYTES_PER_MS

    @property
    def audio_tokens(self) -> int:
        """What its sound costs."""
        return tokens(self.audio_ms, SPOKEN_MS_PER_TOKEN if self.role == "assistant" else HEARD_MS_PER_TOKEN)

    @property
    def text_tokens(self) -> int:
        """What its words and its frame cost."""
        words = sum(len(part.get("text") or part.get("transcript") or "") for part in self.content)
        return FRAME_TOKENS + tokens(words, CHARACTERS_PER_TOKEN)

    def cut(self, audio_ms: int) -> None:
        """Forget the sound behind `audio_ms`, and all words: nobody knows which of them it takes with it."""
        self.audio_bytes = audio_ms * BYTES_PER_MS
        self.was_cut = True
        self.content = [{**part, "transcript": None} for part in self.content]

    def wire(self) -> Event:
        """The item as events carry it."""
        return {
            "id": self.id,
            "type": "message",
            "status": self.status,
            "role": self.role,
            "content": [dict(part) for part in self.content],
        }


class Conversation:
    """The items of a session, bounded by the model's context."""

    def __init__(self, conversation_id: str) -> None:
        self.id = conversation_id
        self._items: list[Item] = []

    def __len__(self) -> int:
        return len(self._items)

    @property
    def text_tokens(self) -> int:
        """What all words cost."""
        return sum(item.text_tokens for item in self._items)

    @property
    def audio_tokens(self) -> int:
        """What all sound costs."""
        return sum(item.audio_tokens for item in self._items)

    def find(self, item_id: str) -> Item | None:
        """The item of this id, if it is there."""
        return next((item for item in self._items if item.id == item_id), None)

    def add(self, item: Item, after: str | None = None) -> str | None:
        """
        Put an item at the end, at the start (`after` is "root") or behind another; return its predecessor's id.

        Raises:
            Refused: If `after` is unknown.

        """
        place = len(self._items) if after is None else self._behind(after)
        previous = self._items[place - 1].id if place else None
        self._items.insert(place, item)
        self._forget()
        return previous

    def remove(self, item: Item) -> None:
        """Take an item out."""
        self._items.remove(item)

    def _behind(self, after: str) -> int:
        if after == "root":
            return 0
        for index, item in enumerate(self._items):
            if item.id == after:
                return index + 1
        raise Refused("item_not_found", "Invalid 'previous_item_id': no such item.", "previous_item_id")

    def _forget(self) -> None:
        size = self.text_tokens + self.audio_tokens
        while size > CONTEXT_TOKENS and len(self._items) > 1:
            oldest = self._items.pop(0)
            size -= oldest.text_tokens + oldest.audio_tokens
