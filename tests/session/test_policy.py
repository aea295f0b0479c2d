from agent.session.events import TurnClosed, TurnOpened
from agent.session.policy import PushToTalk


def test_the_hand_opens_and_closes_turns():
    assert [PushToTalk().pressed(), PushToTalk().released()] == [TurnOpened(), TurnClosed()]


def test_a_server_that_hears_voices_opens_no_microphone():
    assert [PushToTalk().voice_started(), PushToTalk().voice_stopped()] == [None, None]
