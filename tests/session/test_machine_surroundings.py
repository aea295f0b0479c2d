"""The session machine and what surrounds a turn: the link, the devices, the school hours."""

import pytest

from agent.session.effects import (
    CancelReply,
    CloseGate,
    DropSpeech,
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
    HoursClosed,
    HoursOpened,
    LinkLimited,
    LinkLost,
    LinkRefused,
    LinkUp,
    MicrophoneBack,
    MicrophoneLost,
    ReplyAudible,
    ReplyDrained,
    ReplyEnded,
    ReplyFailed,
    ReplyLimited,
    RingBack,
    RingLost,
    SpeakerBack,
    SpeakerLost,
    StoreFull,
    TimeUp,
    TurnClosed,
    TurnOpened,
    UtteranceLost,
    UtteranceSent,
)
from agent.session.table import RESTS, State
from tests.session.telling import ANSWERING, SPOKEN, timed_out, told


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
