"""Lines that stand for themselves."""

import pytest

from agent.health.record import TurnNumbers
from agent.journal.lines import Line, Priority
from agent.journal.plain import PLAIN, step, turn


def numbers(**known):
    return TurnNumbers(turn=7, **known).as_facts()


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            numbers(end="heard", release_to_sound_ms=640, start_delay_ms=5),
            "turn 7: first sound 640 ms after release, heard to the end",
        ),
        (
            numbers(end="interrupted", release_to_sound_ms=640, press_to_silence_ms=6),
            "turn 7: first sound 640 ms after release, interrupted, silent 6 ms after the press",
        ),
        (
            numbers(end="heard", release_to_sound_ms=90, stalls=2, stalled_ms=300, underruns=1, overruns=3),
            "turn 7: first sound 90 ms after release, heard to the end, 2 stalls of 300 ms in all, "
            "1 underrun, 3 overruns",
        ),
        (numbers(end="unanswered"), "turn 7: not answered"),
    ],
)
def test_a_turn_is_one_line_with_what_a_reader_wants_to_know(facts, sentence):
    assert turn(facts) == sentence


def test_a_turn_without_an_answer_is_told_once_with_its_reason():
    assert PLAIN["turn"](numbers(end="unanswered")).priority is Priority.DEBUG
    assert PLAIN["unanswered"]({"turn": 7, "why": "Struck"}).message.endswith("not answered: Struck")
    told = PLAIN["unanswered"]({"turn": 7, "why": "ReplyFailed"})
    assert (told.message, told.priority) == ("turn 7 was not answered: the tutor failed", Priority.WARNING)


@pytest.mark.parametrize(
    ("kind", "facts", "line", "message"),
    [
        ("dropped", {"turn": 1, "ms": 900}, Line.DROPPED, "dropped 900 ms of speech: nobody to send it to"),
        ("prompt", {"name": "later"}, Line.PROMPT, "said: later"),
        ("too_long", {"turn": 2}, Line.TOO_LONG, "turn 2: held too long; what was said until then was sent"),
        (
            "token",
            {"kept": True, "why": ""},
            Line.TOKEN_ROTATED,
            "a new token is kept, and used from the next connection on",
        ),
        ("token", {"kept": False, "why": "No space"}, Line.TOKEN_NOT_KEPT, "a new token could not be kept: No space"),
        ("hours", {"open": True}, Line.HOURS_OPENED, "school hours begin"),
        ("hours", {"open": False}, Line.HOURS_CLOSED, "school hours are over"),
        ("stale", {"name": "capture", "age_s": 12.5, "moves": False}, Line.STALE, "capture has not moved for 12 s"),
        ("stale", {"name": "capture", "age_s": 17.5, "moves": True}, Line.MOVES, "capture moves again, after 17 s"),
        ("scene", {"name": "ready"}, Line.SCENE, "= ready"),
    ],
)
def test_what_happens_has_its_line(kind, facts, line, message):
    told = PLAIN[kind](facts)
    assert (told.line, told.message, told.priority) == (line, message, line.priority)


def test_each_thing_that_stands_still_is_a_topic_of_its_own():
    capture, playout = (
        PLAIN["stale"]({"name": name, "age_s": 3, "moves": False}).topic for name in ("capture", "playout")
    )
    assert capture != playout


def test_steps_of_a_turn_are_for_whoever_looks_closely():
    told = step("gate", {"open": True, "turn": 3})
    assert (told.message, told.priority) == ("gate open=True turn=3", Priority.DEBUG)
