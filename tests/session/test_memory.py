"""What a new session is told of the old one: the last turns, as far as they were heard."""

from agent.session.memory import CHARACTERS_KEPT, TURNS_KEPT, Memory, Remembered
from agent.units import Part

REPLY = Part("resp_1", "item_1", 0)


def test_a_turn_is_remembered_in_the_order_in_which_it_was_lived():
    memory = Memory()
    memory.committed(1, "item_0")
    memory.words(1, REPLY, "There are ")
    memory.words(1, REPLY, "eight.")
    memory.transcribed("item_0", " How many planets are there? ")
    assert memory.heard() == (
        Remembered(by_student=True, text="How many planets are there?"),
        Remembered(by_student=False, text="There are eight."),
    )


def test_an_interrupted_reply_is_remembered_as_far_as_it_was_heard_to_the_last_whole_word():
    memory = Memory()
    memory.words(1, REPLY, "uno dos tres cuatro cinco")
    memory.sounded(1, REPLY, 6000)
    memory.sounded(1, REPLY, 6000)
    memory.cut(REPLY, 6000)
    assert memory.heard() == (Remembered(by_student=False, text="uno dos"),)


def test_a_reply_of_which_nothing_was_heard_is_not_remembered():
    memory = Memory()
    memory.words(1, REPLY, "uno dos")
    memory.sounded(1, REPLY, 6000)
    memory.cut(REPLY, 0)
    assert memory.heard() == ()


def test_what_was_heard_to_its_end_or_is_not_known_stays_as_it_is():
    memory = Memory()
    memory.words(1, REPLY, "uno")
    memory.sounded(1, REPLY, 6000)
    memory.cut(REPLY, 6000)
    memory.cut(Part("resp_9", "item_9", 0), 0)
    assert memory.heard() == (Remembered(by_student=False, text="uno"),)


def test_words_of_an_item_that_is_not_of_our_turns_are_not_kept():
    memory = Memory()
    memory.committed(1, "item_0")
    memory.transcribed("item_7", "somebody else")
    memory.transcribed("", "nobody")
    assert memory.heard() == ()


def test_only_the_last_turns_and_so_many_words_are_kept():
    memory = Memory()
    for turn in range(1, 20):
        memory.words(turn, Part(f"resp_{turn}", "item", 0), "x" * 10_000)
    heard = memory.heard()
    assert len(heard) == TURNS_KEPT
    assert {len(one.text) for one in heard} == {CHARACTERS_KEPT}


def test_a_turn_that_is_taken_again_is_not_remembered():
    memory = Memory()
    memory.words(1, REPLY, "uno")
    memory.forget(1)
    memory.forget(2)
    assert memory.heard() == ()
