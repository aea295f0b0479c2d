import pytest

from agent.relay import items
from agent.relay.conversation import Conversation, Item
from agent.relay.shapes import Refused

HELLO = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hola"}]}


def a_talk(**more):
    talk = Conversation("c")
    talk.add(Item("reply", "assistant", [{"type": "output_audio", "transcript": "x"}], **more))
    return talk


def refusal(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return refused.value.code


def test_a_message_of_the_client_appears_and_is_done_at_once():
    added, done = items.create(a_talk(), HELLO, None, "fresh")
    assert (added["type"], done["type"]) == ("conversation.item.added", "conversation.item.done")
    assert (added["item"]["id"], added["previous_item_id"]) == ("fresh", "reply")
    assert added["item"]["content"] == HELLO["content"]


def test_an_id_of_the_clients_own_is_used_once():
    talk = a_talk()
    added, _ = items.create(talk, {**HELLO, "id": "mine"}, "root", "fresh")
    assert (added["item"]["id"], added["previous_item_id"]) == ("mine", None)
    assert refusal(items.create, talk, {**HELLO, "id": "mine"}, None, "fresh") == "invalid_value"


def test_only_a_reply_with_sound_can_be_truncated():
    heard = a_talk(spoken=True, audio_bytes=48_000)
    assert refusal(items.truncate, heard, "nobody", 0, 1) == "item_truncate_invalid_item_id"
    assert refusal(items.truncate, a_talk(), "reply", 0, 0) == "unsupported_content_type"
    assert refusal(items.truncate, heard, "reply", 1, 0) == "unsupported_content_type"
    assert refusal(items.truncate, heard, "reply", 0, 1001) == "invalid_value"
    (event,) = items.truncate(heard, "reply", 0, 1000)
    assert event["audio_end_ms"] == 1000


def test_a_reply_can_be_truncated_to_nothing_twice():
    talk = a_talk(spoken=True, audio_bytes=48_000)
    for _ in range(2):
        assert items.truncate(talk, "reply", 0, 0)[0]["audio_end_ms"] == 0


def test_an_item_is_deleted_once():
    talk = a_talk()
    assert items.delete(talk, "reply")[0]["item_id"] == "reply"
    assert refusal(items.delete, talk, "reply") == "item_delete_invalid_item_id"
