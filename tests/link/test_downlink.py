"""What follows from what the far end says. Numbers in names: sections of the protocol's rules."""

import numpy as np
import pytest

from agent.link.downlink import PARTS_TAKEN
from agent.link.messages import (
    CancelResponse,
    Committed,
    CreateResponse,
    Harmless,
    ResponseCreated,
    ResponseDone,
    Status,
    StudentTranscribed,
    TranscriptDelta,
    VoiceStarted,
    VoiceStopped,
)
from agent.session.events import ReplyArrived, ReplyEnded, ReplyFailed, ReplyLimited
from agent.session.memory import Remembered
from agent.units import Chunk, EndOfReply, Part
from tests.link.far_words import CREATED, DONE, PART, Session, asked_session, delta


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def asked():
    return asked_session()


# 2.5 A turn


def test_2_5_a_reply_becomes_chunks_and_its_end_comes_behind_them(asked):
    asked.told(CREATED, delta(), at=5.0)
    asked.told(DONE)
    chunk, end = asked.audio
    assert (chunk.turn, chunk.part, chunk.at, chunk.pcm.dtype) == (1, PART, 5.0, np.int16)
    assert chunk.pcm.tolist() == [0x0100, 0x0302, 0x0504, 0x0706]
    assert end == EndOfReply(1, "resp_1")
    assert asked.facts == [ReplyArrived(1), ReplyEnded(1)]


def test_2_5_words_run_ahead_of_the_audio_and_are_remembered_with_those_of_the_student(asked):
    asked.told(Committed("item_0"), CREATED, TranscriptDelta(PART, "Hola, "), TranscriptDelta(PART, "amigo."))
    asked.told(delta(), DONE, StudentTranscribed("item_0", "Buenos días."))
    assert asked.memory.heard() == (Remembered(True, "Buenos días."), Remembered(False, "Hola, amigo."))


def test_an_item_that_is_not_of_our_commits_is_nobodys(session):
    session.told(Committed("item_0"), StudentTranscribed("item_0", "secret"))
    assert session.memory.heard() == ()


def test_voice_detection_is_passed_on_and_harmless_events_are_not(session):
    assert session.told(VoiceStarted()).voices == [VoiceStarted()]
    assert session.told(VoiceStopped()).voices == [VoiceStopped()]
    session.told(Harmless("rate_limits.updated"))
    assert (session.facts, session.audio, session.answers, session.first_of_kind) == ([], [], [], [])


# 2.2 Chunks and ends


def test_4_an_odd_byte_waits_for_the_next_delta_of_its_part(asked):
    asked.told(CREATED, *(delta(bytes([byte])) for byte in b"\x01\x02\x03"))
    assert asked.heard() == [0x0201]
    asked.told(delta(b"\x04\x05"), delta(b""), delta(b"\x06"))
    assert asked.heard() == [0x0201, 0x0403, 0x0605]


def test_4_the_odd_bytes_of_two_parts_are_not_mixed_up(asked):
    other = Part("resp_1", "item_2", 0)
    asked.told(CREATED, delta(b"\x01"), delta(b"\x03", other), delta(b"\x02"), delta(b"\x04", other))
    assert asked.heard() == [0x0201, 0x0403]


def test_2_2_several_items_of_one_response_are_one_reply_with_one_end(asked):
    asked.told(CREATED, delta(part=PART), delta(part=Part("resp_1", "item_2", 0)), delta(part=PART), DONE)
    assert [type(one) for one in asked.audio] == [Chunk, Chunk, Chunk, EndOfReply]


def test_no_more_parts_of_a_response_are_taken_than_any_has(asked):
    parts = [Part("resp_1", f"item_{n}", 0) for n in range(2 * PARTS_TAKEN)]
    asked.told(CREATED, *(delta(part=part) for part in parts), delta(part=parts[0]))
    assert [chunk.part for chunk in asked.audio] == [*parts[:PARTS_TAKEN], parts[0]]
    assert asked.downlink.counts == {"too many parts": PARTS_TAKEN}
    asked.told(DONE)
    asked.turns.ask(2)
    asked.told(ResponseCreated("resp_2"), delta(part=Part("resp_2", "item", 0)))
    assert asked.audio[-1].turn == 2


def test_2_2_done_without_created_ends_the_reply(asked):
    asked.told(delta(), DONE)
    assert asked.facts == [ReplyArrived(1), ReplyEnded(1)]


@pytest.mark.parametrize("status", list(Status))
def test_2_2_however_a_response_ended_what_came_of_it_is_played(asked, status):
    asked.told(CREATED, delta(), ResponseDone("resp_1", status, "max_output_tokens"))
    assert asked.facts[-1] == ReplyEnded(1)
    assert asked.audio[-1] == EndOfReply(1, "resp_1")


@pytest.mark.parametrize("status", list(Status))
def test_2_2_a_response_that_ended_without_a_sound_is_a_failed_reply(asked, status):
    asked.told(CREATED, ResponseDone("resp_1", status, "server_error"))
    assert (asked.facts, asked.audio) == ([ReplyFailed(1)], [])
    assert asked.first_of_kind == [f"no reply: {status.value} server_error"]


@pytest.mark.parametrize("code", ["rate_limit_exceeded", "inference_rate_limit_exceeded", "insufficient_quota"])
def test_2_1_a_response_that_failed_on_a_limit_says_later(asked, code):
    asked.told(CREATED, ResponseDone("resp_1", Status.FAILED, code))
    assert asked.facts == [ReplyLimited(1)]


def test_2_2_the_request_that_waited_goes_out_with_done(asked):
    asked.told(CREATED)
    asked.turns.cancel()
    asked.turns.ask(2)
    asked.told(ResponseDone("resp_1", Status.CANCELLED, "client_cancelled"))
    assert (asked.answers, asked.facts) == ([CreateResponse()], [])


def test_2_2_a_doomed_response_is_cancelled_by_id_when_it_appears(asked):
    asked.turns.cancel()
    asked.told(CREATED)
    assert asked.answers == [CancelResponse("resp_1")]


# 2.7 Late deltas


def test_2_7_late_audio_and_words_of_a_dead_response_are_dropped_and_counted(asked):
    asked.told(CREATED, delta())
    asked.turns.cancel()
    asked.told(delta(), TranscriptDelta(PART, "secret"), delta(), DONE, delta())
    assert len(asked.audio) == 1
    assert asked.facts == [ReplyArrived(1)]
    assert asked.memory.heard() == ()
    assert asked.downlink.counts == {"late audio": 3, "late words": 1}
    assert asked.first_of_kind == ["late audio", "late words"]


def test_2_7_nothing_comes_behind_the_end_of_a_reply(asked):
    asked.told(CREATED, delta(), DONE, delta(), DONE)
    assert [type(one) for one in asked.audio] == [Chunk, EndOfReply]
    assert asked.facts == [ReplyArrived(1), ReplyEnded(1)]


def test_6_19_an_unasked_response_is_not_heard(session):
    session.told(CREATED, delta(), TranscriptDelta(PART, "hello"), DONE)
    assert session.answers == [CancelResponse("resp_1")]
    assert (session.audio, session.facts, session.memory.heard()) == ([], [], ())


# The end of a session


def test_6_3_a_session_that_ends_within_a_reply_ends_it_where_it_is(asked):
    asked.told(CREATED, delta())
    asked.closed()
    assert asked.audio[-1] == EndOfReply(1, "resp_1")
    assert asked.facts[-1] == ReplyEnded(1)


def test_6_3_a_session_that_ends_before_a_sound_of_the_reply_leaves_the_turn_unanswered(asked):
    asked.told(CREATED)
    asked.closed()
    assert (asked.audio, asked.facts) == ([], [])


def test_6_3_a_session_that_ends_between_replies_or_behind_a_dead_one_ends_nothing(asked):
    asked.told(CREATED, delta())
    asked.turns.cancel()
    asked.closed()
    assert asked.facts == [ReplyArrived(1)]
