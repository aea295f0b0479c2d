"""What clients may do to a conversation's items, and how the service answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.relay.conversation import Conversation, Event, Item
from agent.relay.shapes import Refused


def create(conversation: Conversation, wire: Mapping[str, Any], after: str | None, fresh_id: str) -> list[Event]:
    """
    Put a client's message into the conversation.

    Raises:
        Refused: If its place is unknown or its id is taken.

    """
    if conversation.find(wire.get("id", fresh_id)) is not None:
        raise Refused("invalid_value", "Invalid 'item.id': an item with this id exists.", "item.id")
    item = Item(wire.get("id", fresh_id), wire["role"], [dict(part) for part in wire["content"]])
    return appeared(item, conversation.add(item, after))


def appeared(item: Item, previous: str | None) -> list[Event]:
    """How a finished item is told: GA says it twice."""
    place = {"previous_item_id": previous, "item": item.wire()}
    return [{"type": "conversation.item.added", **place}, {"type": "conversation.item.done", **place}]


def truncate(conversation: Conversation, item_id: str, content_index: int, audio_end_ms: int) -> list[Event]:
    """
    Forget what was not heard of a reply, and its words: which of them were heard nobody knows.

    Raises:
        Refused: If there is no such item, it has no reply audio, or less of it than that.

    """
    item = conversation.find(item_id)
    if item is None:
        message = "Item with item_id not found: it can not be truncated."
        raise Refused("item_truncate_invalid_item_id", message, "item_id")
    if not item.spoken or content_index != 0:
        raise Refused("unsupported_content_type", "Only model output audio messages can be truncated.")
    if audio_end_ms > item.audio_ms:
        message = f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms"
        raise Refused("invalid_value", message, "audio_end_ms")
    item.cut(audio_end_ms)
    place = {"item_id": item_id, "content_index": content_index, "audio_end_ms": audio_end_ms}
    return [{"type": "conversation.item.truncated", **place}]


def delete(conversation: Conversation, item_id: str) -> list[Event]:
    """
    Take an item out of the conversation.

    Raises:
        Refused: If there is no such item.

    """
    item = conversation.find(item_id)
    if item is None:
        message = "Item with item_id not found: it can not be deleted."
        raise Refused("item_delete_invalid_item_id", message, "item_id")
    conversation.remove(item)
    return [{"type": "conversation.item.deleted", "item_id": item_id}]
