"""Each turn in numbers, whatever is noted, missing, late or twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.health.record import TurnNumbers
from agent.health.turns import KEPT, Turns


class Heard:
    """An observer that keeps what it is told."""

    def __init__(self):
        self.notes = []

    def note(self, kind, *, at=None, **facts):
        self.notes.append((kind, at, facts))

    def turns(self):
        return [TurnNumbers.from_facts(facts) for kind, _, facts in self.notes if kind == "turn"]


def told(*notes):
    """What is said of turns after these notes: (moment in ms, kind, facts)."""
    heard = Heard()
    turns = Turns(heard, lambda: pytest.fail("every note says when"))
    for ms, kind, facts in notes:
        turns.note(kind, at=ms / 1000, **facts)
    return heard


def press(ms):
    return ms, "button", {"down": True}


def asked(turn, ms):
    """Pressed, and let go a second later."""
    return (press(ms), (ms, "gate", {"open": True, "turn": turn}), (ms + 1000, "gate", {"open": False, "turn": turn}))


def answered(turn, ms):
    return (ms, "delta", {"turn": turn, "samples": 2400}), (ms + 8, "sound", {"turn": turn})


COUNTS = {"concealed_ms": 40, "underruns": 1, "overruns": 0}


def test_a_turn_that_was_heard_comes_with_all_its_numbers():
    end = (
        (9000, "stall", {"turn": 1, "ms": 120}),
        (9000, "played", {"turn": 1, **COUNTS, "round_trip_ms": 31}),
        (9000, "heard", {"turn": 1}),
    )
    heard = told(*asked(1, 0), (1010, "commit", {"turn": 1}), *answered(1, 1700), *end)
    assert heard.turns() == [
        TurnNumbers(
            1, "heard", release_to_sound_ms=708, start_delay_ms=8, stalls=1, stalled_ms=120, **COUNTS, round_trip_ms=31
        )
    ]
    assert [kind for kind, _, _ in heard.notes[-2:]] == ["heard", "turn"]
    assert heard.notes[-1][1] == 9.0


def test_every_note_is_passed_on_as_it_came():
    heard = told((5, "scene", {"name": "ready"}), (6, "heard", {"turn": 3}))
    assert heard.notes[:2] == [("scene", 0.005, {"name": "ready"}), ("heard", 0.006, {"turn": 3})]


def test_an_interrupted_reply_is_silent_after_the_next_turn_has_begun():
    heard = told(*asked(1, 0), *answered(1, 1700), *asked(2, 3000), (3007, "silence", {"turn": 1}))
    (turn,) = heard.turns()
    assert (turn.turn, turn.end, turn.press_to_silence_ms, turn.release_to_sound_ms) == (1, "interrupted", 7, 708)


def test_silence_that_no_press_asked_for_has_no_press():
    (turn,) = told(*asked(1, 0), *answered(1, 1700), (60_000, "silence", {"turn": 1})).turns()
    assert (turn.end, turn.press_to_silence_ms) == ("interrupted", None)


def test_a_tap_and_a_turn_that_was_superseded_leave_no_line_and_nothing_to_the_next():
    heard = told(*asked(1, 0), *asked(2, 2000), *asked(3, 4000), *answered(3, 5500), (9000, "heard", {"turn": 3}))
    assert [(turn.turn, turn.release_to_sound_ms) for turn in heard.turns()] == [(3, 508)]


def test_a_turn_without_an_answer_says_so():
    (turn,) = told(*asked(1, 0), (9000, "unanswered", {"turn": 1, "why": "ReplyFailed"})).turns()
    assert turn.as_facts().items() >= {"end": "unanswered", "turn": 1}.items()
    assert "release_to_sound_ms" not in turn.as_facts()


def test_a_reply_that_fails_while_it_is_heard_ends_once():
    failed = (2000, "unanswered", {"turn": 1, "why": "ReplyFailed"})
    heard = told(*asked(1, 0), *answered(1, 1700), failed, (2500, "heard", {"turn": 1}), (2600, "heard", {"turn": 1}))
    assert [turn.end for turn in heard.turns()] == ["heard"]


def test_what_comes_after_the_end_begins_no_other_turn():
    end = (5000, "unanswered", {"turn": 1, "why": "ReplyFailed"})
    heard = told(*asked(1, 0), end, *answered(1, 5100), (6000, "heard", {"turn": 1}))
    assert [turn.end for turn in heard.turns()] == ["unanswered"]


def test_a_note_without_a_moment_happened_now():
    heard, now = Heard(), iter((1.0, 1.5, 2.0))
    turns = Turns(heard, lambda: next(now))
    for kind, facts in (("gate", {"open": False}), ("sound", {}), ("heard", {})):
        turns.note(kind, turn=1, **facts)
    assert heard.turns() == [TurnNumbers(1, "heard", release_to_sound_ms=500)]


NOTES = st.one_of(
    st.tuples(st.just("button"), st.fixed_dictionaries({"down": st.booleans()})),
    st.tuples(st.just("scene"), st.just({"name": "ready"})),
    st.tuples(
        st.sampled_from(["gate", "commit", "delta", "sound", "stall", "played", "heard", "silence", "unanswered"]),
        st.fixed_dictionaries(
            {"turn": st.integers(1, 9), "open": st.booleans(), "ms": st.integers(1, 999)}
            | {name: st.integers(0, 9) for name in COUNTS},
            optional={"round_trip_ms": st.integers(0, 999)},
        ),
    ),
)


@given(st.lists(st.tuples(st.floats(0, 99), NOTES), max_size=60))
def test_no_order_of_notes_breaks_it_and_no_turn_ends_twice_in_a_row(story):
    heard = Heard()
    turns = Turns(heard, lambda: 0.0)
    for at, (kind, facts) in story:
        turns.note(kind, at=at, **facts)
    ended = [turn.turn for turn in heard.turns()]
    assert len(heard.notes) == len(story) + len(ended)
    assert all(len(set(ended[i : i + KEPT + 1])) == len(ended[i : i + KEPT + 1]) for i in range(len(ended)))
    assert all(
        ms is None or ms >= 0 for turn in heard.turns() for ms in (turn.release_to_sound_ms, turn.start_delay_ms)
    )


def test_a_year_of_taps_takes_no_more_memory_than_a_day():
    import tracemalloc

    class Deaf:
        def note(self, kind, *, at=None, **facts):
            pass

    turns = Turns(Deaf(), lambda: 0.0)
    tracemalloc.start()
    sizes = []
    for turn in range(6000):
        turns.note("gate", open=False, turn=turn)
        if turn in (1000, 5999):
            sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert sizes[1] - sizes[0] < 2000
