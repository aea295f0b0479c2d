"""The session machine: every row of the design's table, every pair named, and what holds whatever happens."""

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
    RingLost,
    SpeakerBack,
    SpeakerLost,
    StopAsked,
    StoreFull,
    Tapped,
    TimeUp,
    TurnClosed,
    TurnOpened,
    UtteranceLost,
    UtteranceRefused,
    UtteranceSent,
)
from agent.session.machine import Patience, Session
from agent.session.table import IGNORED, RESTS, RULES, State

PATIENCE = Patience(utterance=60.0, offline=8.0, response=10.0)
SPOKEN = (TurnOpened(), TurnClosed(), UtteranceSent(1))
ANSWERING = (*SPOKEN, ReplyArrived(1), ReplyAudible(1))


UP = (LinkUp(),)


def told(*events, link=UP):
    """A session that has lived through these facts, and the orders it gave for the last one."""
    session = Session(PATIENCE)
    session.begin()
    orders = ()
    for event in (*link, *events):
        orders = session.handle(event)
    return session, orders


def timed_out(*events, **kwargs):
    session, _ = told(*events, **kwargs)
    return session, session.handle(TimeUp(session.alarm))


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


def test_a_press_while_the_link_is_down_listens_and_says_so():
    session, orders = told(TurnOpened(), link=())
    assert orders[-2:] == (Show(Scene.LISTENING_OFFLINE), OpenGate(1))
    assert session.handle(LinkUp()) == (Show(Scene.LISTENING),)
    assert session.handle(LinkLost()) == (Show(Scene.LISTENING_OFFLINE),)


def test_speech_kept_while_the_link_was_down_is_sent_when_it_returns():
    session, orders = told(TurnOpened(), TurnClosed(), link=())
    assert orders[-1] == Show(Scene.SENDING)
    session.handle(LinkUp())
    session.handle(UtteranceSent(1))
    assert session.state is State.THINKING


def test_a_link_that_is_back_gets_the_whole_patience_to_take_what_was_kept():
    session, _ = told(TurnOpened(), TurnClosed(), link=())
    stale = session.alarm
    session.handle(LinkUp())
    assert session.handle(TimeUp(stale)) == ()
    assert session.state is State.SENDING


def test_speech_nobody_came_for_is_dropped_with_a_prompt():
    session, orders = timed_out(TurnOpened(), TurnClosed(), link=())
    assert session.state is State.OFFLINE
    assert orders[:2] == (DropSpeech(), Say(Prompt.NOT_CONNECTED))


def test_a_link_that_is_up_but_takes_nothing_is_dialled_again_or_every_press_would_wait_for_it():
    session, orders = timed_out(TurnOpened(), TurnClosed(), link=(LinkUp(),))
    assert session.state is State.READY
    assert orders[:3] == (DropSpeech(), Say(Prompt.NOT_CONNECTED), Redial())


def test_when_no_more_can_be_kept_the_gate_closes_and_the_device_says_why():
    session, orders = told(TurnOpened(), StoreFull(1), link=())
    assert session.state is State.SENDING
    assert orders[:2] == (CloseGate(), Say(Prompt.NOT_CONNECTED))


def test_a_press_while_speech_waits_goes_on_with_it():
    session, _ = told(TurnOpened(), TurnClosed(), TurnOpened(), link=())
    assert (session.state, session.turn) == (State.LISTENING, 2)


def test_a_link_lost_before_the_reply_sends_the_utterance_again():
    session, _ = told(*SPOKEN, LinkLost())
    assert session.state is State.SENDING
    session.handle(LinkUp())
    session.handle(UtteranceSent(1))
    assert session.state is State.THINKING


def test_an_utterance_that_outlived_too_many_sessions_is_given_up_with_a_prompt():
    session, orders = told(TurnOpened(), TurnClosed(), LinkLost(), LinkUp(), UtteranceLost(1))
    assert (session.state, session.scene) == (State.UNANSWERED, Scene.LATER)
    assert Say(Prompt.NOT_CONNECTED) in orders


@pytest.mark.parametrize("loss", [LinkLost(), LinkRefused(), LinkLimited(), ClockWrong()])
def test_a_link_lost_while_the_tutor_speaks_plays_what_has_arrived(loss):
    session, orders = told(*ANSWERING, loss)
    assert (session.state, orders) == (State.FINISHING, ())
    session.handle(ReplyDrained(1))
    assert session.state is RESTS[type(loss)]


@pytest.mark.parametrize(
    ("refusal", "state", "scene", "prompt"),
    [
        (LinkRefused(), State.REFUSED, Scene.ASK_ADULT, Prompt.ASK_ADULT),
        (LinkLimited(), State.LIMITED, Scene.LATER, Prompt.LATER),
    ],
)
class TestARefusal:
    def test_has_its_scene_and_a_press_is_answered_by_the_prompt(self, refusal, state, scene, prompt):
        session, orders = told(refusal)
        assert (session.state, orders) == (state, (Show(scene),))
        assert session.handle(TurnOpened()) == (Say(prompt),)
        assert session.state is state

    def test_while_the_student_speaks_is_told_when_they_have_finished(self, refusal, state, scene, prompt):
        session, orders = told(TurnOpened(), refusal, TurnClosed())
        assert (session.state, session.scene) == (state, scene)
        assert orders[0] == CloseGate()
        assert {DropSpeech(), Say(prompt)} <= {*orders}

    @pytest.mark.parametrize("before", [(TurnOpened(), TurnClosed()), SPOKEN])
    def test_drops_the_speech_it_will_not_take_and_says_why(self, refusal, state, scene, prompt, before):
        session, orders = told(*before, refusal)
        assert session.state is state
        assert {DropSpeech(), Say(prompt)} <= {*orders}


def test_a_clock_that_is_behind_has_its_scene_and_still_listens():
    session, orders = told(ClockWrong(), link=())
    assert orders == (Show(Scene.CLOCK),)
    session.handle(TurnOpened())
    assert session.state is State.LISTENING


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


@pytest.mark.parametrize(
    ("lost", "back", "scene"),
    [
        (MicrophoneLost(), MicrophoneBack(), Scene.NO_MICROPHONE),
        (SpeakerLost(), SpeakerBack(), Scene.NO_SPEAKER),
        (RingLost(), RingBack(), Scene.DARK),
    ],
)
class TestAMissingDevice:
    def test_has_its_scene_between_turns_and_a_press_opens_nothing(self, lost, back, scene):
        session, _ = told(lost)
        assert (session.state, session.scene) == (State.NO_DEVICE, scene)
        is_mute = lost == SpeakerLost()  # what nobody hears now must not all be said when the speaker is back
        assert session.handle(TurnOpened()) == (() if is_mute else (Say(Prompt.CANNOT_HEAR),))
        session.handle(back)
        assert session.state is State.READY

    def test_does_not_end_a_turn_that_goes_on_without_it(self, lost, back, scene):
        session, _ = told(*ANSWERING, lost)
        assert (session.state, session.scene) == (State.SPEAKING, scene)
        session.handle(back)
        assert session.scene is Scene.SPEAKING

    def test_lets_a_press_silence_the_tutor_but_not_open_the_gate(self, lost, back, scene):
        session, orders = told(*ANSWERING, lost, TurnOpened())
        assert session.state is State.NO_DEVICE
        assert orders[:2] == (Silence(), CancelReply())

    def test_keeps_the_link_in_mind(self, lost, back, scene):
        session, _ = told(lost, LinkLost(), back)
        assert session.state is State.OFFLINE


@pytest.mark.parametrize("lost", [MicrophoneLost(), RingLost()])
def test_without_ears_or_light_the_gate_closes_and_what_was_said_is_sent(lost):
    session, orders = told(TurnOpened(), lost)
    assert session.state is State.SENDING
    assert orders[0] == CloseGate()


def test_a_speaker_that_goes_while_the_student_speaks_can_wait():
    session, orders = told(TurnOpened(), SpeakerLost())
    assert (session.state, orders) == (State.LISTENING, ())


def test_a_press_without_a_speaker_drops_what_still_waits_to_be_sent_for_its_reply_would_come_unexpected():
    session, orders = told(TurnOpened(), TurnClosed(), SpeakerLost(), TurnOpened(), link=())
    assert DropSpeech() in orders
    assert session.state is State.NO_DEVICE


def test_the_device_that_went_first_is_shown_until_it_is_back():
    session, _ = told(SpeakerLost(), MicrophoneLost(), MicrophoneLost())
    assert session.scene is Scene.NO_SPEAKER
    assert session.handle(SpeakerBack()) == (Show(Scene.NO_MICROPHONE),)


QUIET = (HoursClosed(),)
WRONG = [LinkLost(), LinkRefused(), LinkLimited(), ClockWrong(), MicrophoneLost(), SpeakerLost(), RingLost()]


class TestOutsideSchoolHours:
    @pytest.mark.parametrize("wrong", [LinkUp(), *WRONG])
    def test_the_ring_is_dark_and_a_press_means_nothing_whatever_is_wrong(self, wrong):
        session, orders = told(*QUIET)
        assert (session.state, orders) == (State.QUIET, (Show(Scene.DARK),))
        assert [session.handle(fact) for fact in (wrong, TurnOpened(), TurnClosed())] == [(), (), ()]

    @pytest.mark.parametrize("wrong", WRONG)
    def test_ends_with_the_scene_of_what_happened_meanwhile(self, wrong):
        session, _ = told(*QUIET, wrong, HoursOpened())
        plain, _ = told(wrong)
        assert (session.state, session.scene) == (plain.state, plain.scene)

    @pytest.mark.parametrize("before", [(TurnOpened(),), (TurnOpened(), TurnClosed()), SPOKEN, ANSWERING])
    def test_a_turn_that_is_under_way_is_finished_first(self, before):
        session, orders = told(*before, *QUIET)
        assert orders == ()
        for fact in (TurnClosed(), UtteranceSent(1), ReplyAudible(1), ReplyEnded(1)):
            session.handle(fact)
        assert session.scene is Scene.SPEAKING
        assert session.handle(ReplyDrained(1)) == (Show(Scene.DARK),)

    def test_a_turn_that_ends_without_an_answer_is_still_told_so(self):
        session, orders = told(*SPOKEN, *QUIET, ReplyFailed(1))
        assert (session.state, orders) == (State.QUIET, (Say(Prompt.NOT_CONNECTED), Show(Scene.DARK)))

    def test_a_button_that_is_stuck_does_not_light_the_room_but_is_shown_in_the_morning(self):
        session, orders = told(*QUIET, ButtonStuck())
        assert session.scene is Scene.DARK
        assert not [order for order in orders if isinstance(order, Show)]
        assert session.handle(HoursOpened()) == (Show(Scene.BUTTON_FAULT),)
        session.handle(TurnClosed())
        assert session.state is State.READY

    def test_begin_while_a_scene_still_explains_the_last_turn(self):
        session, orders = told(*SPOKEN, ReplyLimited(1), *QUIET)
        assert (session.state, orders) == (State.QUIET, (Show(Scene.DARK),))


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
