import pytest

from agent.relay.conversation import Conversation, Item
from agent.relay.shapes import Refused


def said(text, name):
    return Item(name, "user", [{"type": "input_text", "text": text}])


def test_items_are_kept_in_order_and_each_knows_the_one_before():
    talk = Conversation("c")
    assert [talk.add(said("x", name)) for name in "ab"] == [None, "a"]
    assert talk.add(said("x", "first"), after="root") is None
    assert talk.add(said("x", "between"), after="a") == "a"
    assert talk.add(said("x", "last")) == "b"
    with pytest.raises(Refused) as refused:
        talk.add(said("x", "lost"), after="nobody")
    assert refused.value.code == "item_not_found"


def test_an_item_is_found_until_it_is_removed():
    talk = Conversation("c")
    talk.add(said("x", "a"))
    talk.remove(talk.find("a"))
    assert talk.find("a") is None
    assert len(talk) == 0


def test_speech_costs_half_as_much_to_hear_as_to_say():
    heard, spoken = Item("h", "user", audio_bytes=48_000), Item("s", "assistant", audio_bytes=48_000)
    assert (heard.audio_tokens, spoken.audio_tokens) == (10, 20)


def test_the_oldest_vanish_without_a_word_when_the_context_is_full():
    talk = Conversation("c")
    talk.add(said("x" * 60_000, "old"))
    talk.add(said("x" * 60_000, "newer"))
    talk.add(said("x" * 60_000, "newest"))
    assert talk.find("old") is None
    assert talk.find("newer") is not None


def test_one_item_that_is_too_long_is_still_kept():
    talk = Conversation("c")
    talk.add(said("x" * 600_000, "book"))
    assert talk.find("book") is not None


def test_many_small_items_are_bounded_too():
    talk = Conversation("c")
    for number in range(100):
        talk.add(said("x" * 1600, f"{number}"))  # 404 tokens each, 4 of them for the frame
    assert len(talk) == 32_000 // 404


def test_what_was_cut_has_no_words_left():
    item = Item("i", "assistant", [{"type": "output_audio", "transcript": "a story"}], audio_bytes=48_000)
    item.cut(500)
    assert item.audio_ms == 500
    assert item.wire()["content"] == [{"type": "output_audio", "transcript": None}]
