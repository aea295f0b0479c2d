"""
The session machine: its turns, every pair of the design's table named, and what holds whatever happens.

The rows about the link, the devices and the school hours are in `test_machine_surroundings`; every branch needs both.
"""

from itertools import product
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import IllegalEvent
from agent.session.effects import (
    LISTENING_SCENES,
    CancelReply,
    CloseGate,
    DropSpeech,
    HangUp,
    OpenGate,
    Prompt,
    Redial,
    Say,
    Scene,
    Show,
    Silence,
)
from agent.session.events import (
    ButtonStuck,
    ClockWrong,
    Event,
    HoursClosed,
    HoursOpened,
    LinkLimited,
    LinkLost,
    LinkRefused,
    LinkUp,
    MicrophoneBack,
    MicrophoneLost,
    ReplyArrived,
    ReplyAudible,
    ReplyDrained,
    ReplyEnded,
    ReplyFailed,
    ReplyLimited,
    RingBack,
    SpeakerBack,
    StopAsked,
    Tapped,
    TimeUp,
    TurnClosed,
    TurnOpened,
    UtteranceRefused,
    UtteranceSent,
)
from agent.session.machine import Session
from agent.session.table import IGNORED, RESTS, RULES, State
from tests.session.telling import ANSWERING, PATIENCE, SPOKEN, timed_out, told


@pytest.mark.parametrize(("state", "kind"), [*product(State, get_args(Event))])
def test_every_pair_is_a_rule_or_ignored_never_both(state, kind):
    assert (kind in RULES[state]) != (kind in IGNORED[state])


def test_a_fact_nobody_foresaw_is_an_error_that_changes_nothing():
    session, _ = told()
    with pytest.raises(IllegalEvent, match="str in READY"):
        session.handle("pressed")
    assert session.state is State.READY


def test_the_ring_is_lit_before_anything_happened():
    assert Session(PATIENCE).begin() == (Show(Scene.CONNECTING),)


def test_the_light_is_on_before_the_microphone_is():
    session, orders = told(TurnOpened())
    assert session.state is State.LISTENING
    assert orders[-2:] == (Show(Scene.LISTENING), OpenGate(1))


def test_the_gate_closes_before_the_light_goes():
    _, orders = told(TurnOpened(), TurnClosed())
    assert orders == (CloseGate(), Show(Scene.THINKING))


def test_a_turn_from_press_to_ready():
    session, orders = told(*ANSWERING, ReplyEnded(1))
    assert session.scene is Scene.SPEAKING
    orders = session.handle(ReplyDrained(1))
    assert (session.state, orders) == (State.READY, (Show(Scene.READY),))


def test_a_reply_that_arrived_whole_before_it_sounded_is_played_to_its_end():
    session, _ = told(*SPOKEN, ReplyArrived(1), ReplyEnded(1), ReplyAudible(1))
    assert session.state is State.FINISHING


def test_a_tap_is_no_turn():
    session, orders = told(TurnOpened(), TurnClosed(), Tapped(1))
    assert (session.state, orders) == (State.READY, (Show(Scene.READY),))


def test_a_tap_while_the_tutor_speaks_means_stop_talking():
    session, _ = told(*ANSWERING)
    assert Silence() in session.handle(TurnOpened())
    session.handle(TurnClosed())
    session.handle(Tapped(2))
    assert session.state is State.READY


@pytest.mark.parametrize("before", [SPOKEN, ANSWERING, (*ANSWERING, ReplyEnded(1))])
def test_barge_in_is_silent_first_then_cancels_then_listens(before):
    session, orders = told(*before, TurnOpened())
    assert session.state is State.LISTENING
    assert orders == (Silence(), CancelReply(), Show(Scene.LISTENING), OpenGate(2))


def test_what_a_dead_turn_still_says_is_not_heard():
    session, _ = told(*ANSWERING, TurnOpened(), TurnClosed(), UtteranceSent(2))
    for stale in (ReplyArrived(1), ReplyAudible(1), ReplyEnded(1), ReplyFailed(1), ReplyDrained(1)):
        assert session.handle(stale) == ()
    assert session.state is State.THINKING


def test_a_button_held_too_long_commits_the_turn_and_says_so():
    session, orders = timed_out(TurnOpened())
    assert session.state is State.SENDING
    assert orders == (CloseGate(), Say(Prompt.TOO_LONG), Show(Scene.THINKING))
    assert session.handle(TurnClosed()) == ()


@pytest.mark.parametrize("before", [(), (TurnOpened(),), (TurnOpened(), TurnClosed()), SPOKEN, ANSWERING])
def test_a_stuck_button_closes_the_gate_and_waits_for_release(before):
    session, orders = told(*before, ButtonStuck())
    assert session.state is State.BUTTON_FAULT
    assert orders == (CloseGate(), Silence(), CancelReply(), DropSpeech(), Show(Scene.BUTTON_FAULT))
    assert session.handle(TurnOpened()) == ()
    session.handle(LinkLost())
    session.handle(TurnClosed())
    assert session.state is State.OFFLINE


def test_a_button_down_at_start_never_opens_the_microphone():
    session, orders = told(ButtonStuck(), link=())
    assert session.scene is Scene.BUTTON_FAULT
    assert OpenGate(1) not in orders


def test_no_answer_gives_the_turn_up_says_so_and_dials_again():
    session, orders = timed_out(*SPOKEN)
    assert session.state is State.UNANSWERED
    assert orders == (CancelReply(), DropSpeech(), Say(Prompt.NOT_CONNECTED), Redial(), Show(Scene.LATER))


def test_each_sign_of_life_renews_the_patience():
    session, _ = told(*SPOKEN)
    stale = session.alarm
    session.handle(ReplyArrived(1))
    assert session.handle(TimeUp(stale)) == ()
    assert session.state is State.THINKING


def test_a_reply_that_dries_up_is_played_to_its_end_then_explained_and_the_link_dialled_again():
    session, orders = timed_out(*ANSWERING)
    assert (session.state, orders) == (State.FINISHING, (Say(Prompt.NOT_CONNECTED), Redial()))
    session.handle(LinkLost())
    session.handle(ReplyDrained(1))
    assert session.scene is Scene.CONNECTING


def test_a_reply_that_never_ends_is_silenced():
    session, orders = timed_out(*ANSWERING, ReplyEnded(1))
    assert session.state is State.READY
    assert orders[0] == Silence()


def test_a_student_who_was_not_heard_is_asked_to_try_again_and_sees_that_they_can():
    session, orders = told(*SPOKEN, UtteranceRefused(1))
    assert (session.state, orders) == (State.READY, (Say(Prompt.CANNOT_HEAR), Show(Scene.READY)))


@pytest.mark.parametrize(
    ("trouble", "prompt"),
    [
        (ReplyFailed(1), Prompt.NOT_CONNECTED),
        (ReplyLimited(1), Prompt.LATER),
    ],
)
class TestAReplyThatWillNotCome:
    def test_is_explained_and_shown(self, trouble, prompt):
        session, orders = told(*SPOKEN, trouble)
        assert (session.state, orders) == (State.UNANSWERED, (Say(prompt), Show(Scene.LATER)))
        assert session.is_resting

    def test_is_shown_for_a_while_whether_the_link_comes_or_goes(self, trouble, prompt):
        session, _ = told(*SPOKEN, trouble, LinkLost(), LinkUp(), LinkLost())
        assert session.scene is Scene.LATER
        assert session.handle(TimeUp(session.alarm)) == (Show(Scene.CONNECTING),)

    def test_does_not_keep_the_student_from_another_turn(self, trouble, prompt):
        session, orders = told(*SPOKEN, trouble, TurnOpened())
        assert (session.state, orders[-1]) == (State.LISTENING, OpenGate(2))

    @pytest.mark.parametrize("weightier", [LinkRefused(), LinkLimited(), ClockWrong()])
    def test_gives_way_to_what_is_wrong_for_longer(self, trouble, prompt, weightier):
        session, _ = told(*SPOKEN, trouble, weightier)
        assert session.state is RESTS[type(weightier)]

    def test_does_not_hide_a_device_that_is_missing(self, trouble, prompt):
        session, _ = told(*SPOKEN, MicrophoneLost(), trouble)
        assert (session.state, session.scene) == (State.NO_DEVICE, Scene.NO_MICROPHONE)


@pytest.mark.parametrize("before", [(), (TurnOpened(),), SPOKEN, ANSWERING, (ButtonStuck(),)])
def test_the_end_closes_the_gate_goes_silent_dark_and_hangs_up(before):
    session, orders = told(*before, StopAsked())
    assert orders == (CloseGate(), Silence(), HangUp(), Show(Scene.DARK))
    assert session.handle(TurnOpened()) == ()


def test_only_the_states_between_turns_are_resting():
    session, _ = told()
    assert session.is_resting
    session.handle(TurnOpened())
    assert not session.is_resting


def test_states_without_a_time_limit_say_so():
    session, _ = told()
    assert session.limit is None
    session.handle(TurnOpened())
    assert session.limit == PATIENCE.utterance


TURNS = st.integers(0, 4)
FACTS = st.one_of(
    *(st.builds(kind) for kind in get_args(Event) if not getattr(kind, "__dataclass_fields__", None)),
    *(st.builds(kind, TURNS) for kind in get_args(Event) if "turn" in kind.__dataclass_fields__),
    st.just("time"),
)
SEQUENCES = st.lists(FACTS.filter(lambda fact: fact != StopAsked()), max_size=40)


def lived(sequence):
    """A session after a sequence of facts, its orders watched at every step; "time" runs out the limit."""
    session, scene, gate = Session(PATIENCE), Scene.DARK, None
    for fact in ("begin", *sequence):
        if fact == "begin":
            orders = session.begin()
        elif fact == "time":
            orders = session.handle(TimeUp(session.alarm)) if session.limit else ()
        else:
            orders = session.handle(fact)
        for order in orders:
            match order:
                case Show(shown):
                    scene = shown
                case OpenGate(turn):
                    gate = turn
                case CloseGate():
                    gate = None
            assert gate is None or scene in LISTENING_SCENES, (fact, orders)
        assert (gate is not None) == (session.state is State.LISTENING)
        assert scene is session.scene
    return session


@settings(max_examples=60, deadline=None)
@given(SEQUENCES)
def test_an_open_gate_implies_a_listening_ring(sequence):
    lived(sequence)


@settings(max_examples=60, deadline=None)
@given(SEQUENCES)
def test_link_up_button_released_school_hours_and_time_always_lead_back_to_ready(sequence):
    session = lived(sequence)
    session.handle(TurnClosed())
    for healed in (LinkUp(), MicrophoneBack(), SpeakerBack(), RingBack(), HoursOpened()):
        session.handle(healed)
    for _ in range(4):
        if session.limit:
            session.handle(TimeUp(session.alarm))
    assert session.state is State.READY


@settings(max_examples=60, deadline=None)
@given(SEQUENCES, st.lists(FACTS.filter(lambda fact: fact not in (StopAsked(), HoursOpened())), max_size=20))
def test_between_turns_outside_school_hours_all_is_dark_and_mute(before, sequence):
    session = lived(before)
    session.handle(HoursClosed())
    for fact in sequence:
        is_resting = session.is_resting
        orders = session.handle(TimeUp(session.alarm) if fact == "time" else fact)
        if is_resting:
            assert session.is_resting or session.state is State.BUTTON_FAULT
            assert session.scene is Scene.DARK
            assert not [order for order in orders if isinstance(order, Say | OpenGate)]


@settings(max_examples=40, deadline=None)
@given(SEQUENCES)
def test_there_is_no_way_back_from_the_end(sequence):
    session = lived([*sequence])
    session.handle(StopAsked())
    for fact in sequence:
        if fact != "time":
            assert session.handle(fact) == ()
    assert session.scene is Scene.DARK
