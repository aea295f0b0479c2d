"""The student's speech on its way out: in small messages, whole, once in a session, and never lost without a word."""

import numpy as np
import pytest

from agent.link.messages import Append, Clear, Commit
from agent.link.uplink import SESSIONS_AT_MOST, STORE_BYTES, Uplink
from agent.session.events import StoreFull, Tapped, UtteranceLost
from agent.units import FRAME_SAMPLES, EndOfUtterance, Frame

FRAME_MS = 20


def speech(ms, first=0):
    """So much speech of which no two samples are alike (as long as it is below 2.7 s)."""
    return np.arange(first, first + ms * 24).astype(np.int16)


def speak(uplink, turn, pcm):
    """Capture speech of a turn, frame by frame; return what was answered."""
    frames = [pcm[start : start + FRAME_SAMPLES] for start in range(0, len(pcm), FRAME_SAMPLES)]
    return [uplink.speech(Frame(turn, frame)) for frame in frames]


def say(uplink, turn, pcm):
    """A press, some speech and a release; return what the end was answered with."""
    uplink.open(turn)
    speak(uplink, turn, pcm)
    return uplink.end(EndOfUtterance(turn))


def taken(uplink):
    """All that the socket gets now."""
    return list(iter(uplink.take, None))


def lengths(events):
    """Milliseconds of the appends among these events, whose other events are shown as they are."""
    return [len(event.pcm) // 48 if isinstance(event, Append) else event for event in events]


def audio(events):
    return b"".join(event.pcm for event in events if isinstance(event, Append))


@pytest.fixture
def uplink():
    uplink = Uplink(offline_speech=2.0)
    uplink.link_up()
    return uplink


@pytest.fixture
def offline():
    return Uplink(offline_speech=2.0)


# On its way


def test_speech_goes_out_while_it_is_spoken_in_messages_of_40_ms(uplink):
    uplink.open(1)
    speak(uplink, 1, speech(FRAME_MS))
    assert taken(uplink) == []
    speak(uplink, 1, speech(FRAME_MS))
    assert lengths(taken(uplink)) == [40]


def test_the_commit_follows_the_last_append_and_comes_once(uplink):
    pcm = speech(190)
    assert say(uplink, 1, pcm) is None
    events = taken(uplink)
    assert lengths(events) == [40, 40, 40, 40, 30, Commit()]
    assert audio(events) == pcm.tobytes()
    assert taken(uplink) == []


def test_what_waited_for_the_link_goes_out_in_bigger_messages(offline):
    pcm = speech(510)
    say(offline, 1, pcm)
    assert taken(offline) == []
    offline.link_up()
    events = taken(offline)
    assert lengths(events) == [200, 200, 40, 40, 30, Commit()]
    assert audio(events) == pcm.tobytes()


# Rule 2.4: a commit needs speech


def test_rule_2_4_a_tap_is_never_committed_and_what_went_out_of_it_is_cleared(uplink):
    uplink.open(1)
    speak(uplink, 1, speech(140))
    taken(uplink)
    assert uplink.end(EndOfUtterance(1)) == Tapped(1)
    assert taken(uplink) == [Clear()]
    assert uplink.turn is None


def test_rule_2_4_a_tap_of_which_nothing_went_out_needs_no_clear(uplink):
    assert say(uplink, 1, speech(140)) == Tapped(1)
    assert taken(uplink) == []


def test_rule_2_4_the_clear_of_a_tap_goes_out_before_the_next_utterance(uplink):
    uplink.open(1)
    speak(uplink, 1, speech(100))
    taken(uplink)
    uplink.end(EndOfUtterance(1))
    say(uplink, 2, speech(150))
    assert lengths(taken(uplink)) == [Clear(), 40, 40, 40, 30, Commit()]


def test_rule_2_4_a_new_session_has_nothing_to_clear(uplink):
    uplink.open(1)
    speak(uplink, 1, speech(100))
    taken(uplink)
    uplink.end(EndOfUtterance(1))
    uplink.link_down()
    uplink.link_up()
    assert taken(uplink) == []


def test_a_press_too_short_for_a_single_frame_is_a_tap(uplink):
    uplink.open(1)
    assert uplink.end(EndOfUtterance(1)) == Tapped(1)


# Kept whole


def test_a_link_lost_mid_utterance_sends_it_from_its_beginning_on_the_new_session(uplink):
    pcm = speech(400)
    uplink.open(1)
    speak(uplink, 1, pcm[: len(pcm) // 2])
    taken(uplink)
    uplink.link_down()
    speak(uplink, 1, pcm[len(pcm) // 2 :])
    assert taken(uplink) == []
    uplink.link_up()
    uplink.end(EndOfUtterance(1))
    assert audio(taken(uplink)) == pcm.tobytes()


def test_a_committed_utterance_without_an_answer_is_sent_again_whole_on_the_new_session(uplink):
    pcm = speech(200)
    say(uplink, 1, pcm)
    taken(uplink)
    uplink.link_down()
    uplink.link_up()
    events = taken(uplink)
    assert (audio(events), events[-1]) == (pcm.tobytes(), Commit())


def test_a_session_replaced_before_it_broke_takes_its_half_of_the_utterance_with_it(uplink):
    pcm = speech(200)
    uplink.open(1)
    speak(uplink, 1, pcm)
    taken(uplink)
    uplink.link_up()
    uplink.end(EndOfUtterance(1))
    assert audio(taken(uplink)) == pcm.tobytes()


def test_an_answered_utterance_is_not_sent_again(uplink):
    say(uplink, 1, speech(200))
    taken(uplink)
    uplink.answered(1)
    uplink.link_down()
    uplink.link_up()
    assert taken(uplink) == []
    assert uplink.drop() == 0


def test_an_answer_to_another_turn_does_not_end_this_one(uplink):
    uplink.open(2)
    uplink.answered(1)
    assert uplink.turn == 2


def test_an_utterance_that_outlived_three_sessions_is_lost_and_says_so(offline):
    say(offline, 1, speech(200))
    for _ in range(SESSIONS_AT_MOST):
        assert offline.link_up() is None
        assert taken(offline)
        offline.link_down()
    assert offline.link_up() == UtteranceLost(1)
    assert taken(offline) == []


def test_the_session_on_which_it_began_counts_as_one(uplink):
    say(uplink, 1, speech(200))
    for _ in range(SESSIONS_AT_MOST - 1):
        uplink.link_down()
        assert uplink.link_up() is None
    uplink.link_down()
    assert uplink.link_up() == UtteranceLost(1)


def test_one_that_is_still_spoken_is_given_up_when_it_ends_and_no_session_gets_it_before(uplink):
    uplink.open(1)
    speak(uplink, 1, speech(200))
    for _ in range(SESSIONS_AT_MOST):
        uplink.link_down()
        assert uplink.link_up() is None
    speak(uplink, 1, speech(200))
    assert taken(uplink) == []
    assert uplink.end(EndOfUtterance(1)) == UtteranceLost(1)
    assert uplink.turn is None


# Pressed again


def test_a_second_press_before_the_commit_goes_on_with_the_same_utterance(offline):
    say(offline, 1, speech(300))
    say(offline, 2, speech(100, first=7200))
    offline.link_up()
    events = taken(offline)
    assert audio(events) == speech(400).tobytes()
    assert events.count(Commit()) == 1
    assert offline.turn == 2


def test_late_frames_and_a_late_end_of_the_turn_before_are_not_of_this_one(uplink):
    uplink.open(1)
    uplink.open(2)
    speak(uplink, 1, speech(200))
    assert uplink.end(EndOfUtterance(1)) is None
    assert uplink.turn == 2
    assert uplink.end(EndOfUtterance(2)) == Tapped(2)


def test_nothing_is_taken_in_behind_the_end_or_without_a_press(uplink):
    pcm = speech(160)
    say(uplink, 1, pcm)
    speak(uplink, 1, speech(100))
    assert audio(taken(uplink)) == pcm.tobytes()
    uplink.answered(1)
    speak(uplink, 1, speech(100))
    assert taken(uplink) == []


def test_a_committed_utterance_makes_room_for_the_next(uplink):
    say(uplink, 1, speech(200))
    taken(uplink)
    pcm = speech(200, first=9000)
    say(uplink, 2, pcm)
    events = taken(uplink)
    assert (audio(events), events[-1]) == (pcm.tobytes(), Commit())
    assert Clear() not in events


# Bounds


def test_offline_no_more_is_kept_than_was_agreed_and_it_says_so(offline):
    offline.open(1)
    answers = speak(offline, 1, speech(2100))
    assert answers[98:100] == [None, StoreFull(1)]
    assert set(answers[100:]) == {StoreFull(1)}
    assert offline.drop() == 2000


def test_pressing_again_does_not_get_more_in_while_the_link_is_down(offline):
    say(offline, 1, speech(2000))
    offline.open(2)
    assert speak(offline, 2, speech(40)) == [StoreFull(2)] * 2
    offline.link_up()
    assert speak(offline, 2, speech(40)) == [None] * 2
    assert offline.drop() == 2040


def test_on_a_link_that_stalls_the_store_has_an_end_too(uplink):
    uplink.open(1)
    almost = np.zeros(STORE_BYTES // 2 - FRAME_SAMPLES, np.int16)
    assert uplink.speech(Frame(1, almost)) is None
    assert speak(uplink, 1, speech(40)) == [StoreFull(1)] * 2
    assert uplink.drop() == 120_000


# Dropped


def test_dropping_tells_how_much_speech_went_unanswered(uplink):
    say(uplink, 1, speech(430))
    assert uplink.drop() == 430
    assert uplink.drop() == 0
    assert taken(uplink) == []


def test_dropping_half_an_utterance_clears_what_went_out_of_it(uplink):
    uplink.open(1)
    speak(uplink, 1, speech(200))
    taken(uplink)
    uplink.drop()
    speak(uplink, 1, speech(200))
    assert taken(uplink) == [Clear()]


def test_dropping_a_committed_utterance_leaves_nothing_to_clear(uplink):
    say(uplink, 1, speech(200))
    taken(uplink)
    uplink.drop()
    assert taken(uplink) == []
