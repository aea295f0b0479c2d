"""What follows when the far end refuses, errs or talks nonsense. Numbers in names: sections of the protocol's rules."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.link.dialect import BETA_TO_GA
from agent.link.downlink import KINDS_COUNTED, PARTS_TAKEN
from agent.link.messages import (
    Append,
    CancelResponse,
    Clear,
    Commit,
    CreateResponse,
    Malformed,
    ResponseDone,
    Status,
    TranscriptDelta,
    Truncate,
    Unknown,
)
from agent.link.realtime import HARMLESS, decode
from agent.session.events import ReplyArrived, ReplyEnded, ReplyFailed, ReplyLimited, UtteranceRefused
from agent.session.memory import CHARACTERS_KEPT, TURNS_KEPT
from agent.units import Chunk, Part
from tests.link.far_words import COMMIT, CREATED, DONE, OCCUPIED, Session, asked_session, delta, error


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def asked():
    return asked_session()


# 2.1 Errors


@pytest.mark.parametrize(
    "code",
    [
        "response_cancel_not_active",
        "invalid_value",
        "unsupported_content_type",
        "item_truncate_invalid_item_id",
        "item_not_found",
        "cannot_update_voice",
        "server_error",
        "something_new",
    ],
)
@pytest.mark.parametrize("cause", [None, CancelResponse("resp_1"), Truncate("item_1", 0, 5), Clear()])
def test_2_1_an_error_about_no_request_of_ours_is_counted_and_survived(asked, code, cause):
    asked.told(CREATED, delta())
    asked.told(error(code), cause=cause)
    asked.told(delta(), DONE)
    assert asked.facts == [ReplyArrived(1), ReplyArrived(1), ReplyEnded(1)]
    assert asked.answers == []
    assert asked.downlink.last_code == ""
    assert asked.downlink.counts == {f"error {code}": 1}


@pytest.mark.parametrize("code", ["invalid_api_key", "insufficient_quota", "session_expired"])
def test_2_1_the_codes_that_end_a_session_are_remembered_until_it_works_again(session, code):
    session.told(error(code), error("item_not_found"))
    assert session.downlink.last_code == code
    session.told(CREATED)
    assert session.downlink.last_code == ""


def test_2_1_an_error_without_a_code_is_counted_by_its_type(session):
    session.told(error(kind="server_error"))
    assert session.downlink.counts == {"error server_error": 1}


def test_2_1_an_active_response_error_asks_again_when_that_response_is_done(asked):
    asked.told(error(OCCUPIED), cause=CreateResponse())
    assert (asked.facts, asked.answers) == ([], [])
    asked.told(ResponseDone("resp_0", Status.COMPLETED, ""))
    assert asked.answers == [CreateResponse()]


@pytest.mark.parametrize(
    ("code", "fact"), [("rate_limit_exceeded", ReplyLimited(1)), ("server_error", ReplyFailed(1)), ("", ReplyFailed(1))]
)
def test_2_1_a_refused_request_is_a_reply_that_will_not_come(asked, code, fact):
    asked.told(error(code), cause=CreateResponse())
    assert asked.facts == [fact]


def test_2_1_a_refused_request_nobody_waits_for_lets_the_next_one_go(asked):
    asked.turns.cancel()
    asked.turns.ask(2)
    asked.told(error("server_error"), cause=CreateResponse())
    assert (asked.facts, asked.answers) == ([], [CreateResponse()])


def test_2_4_an_empty_commit_aborts_the_turn_and_takes_the_request_behind_it_back(asked):
    asked.told(error("input_audio_buffer_commit_empty"), cause=COMMIT)
    assert asked.facts == [UtteranceRefused(1)]
    asked.told(CREATED, delta(), DONE)
    assert asked.answers == [CancelResponse("resp_1")]
    assert asked.audio == []


def test_2_4_an_empty_commit_cancels_a_reply_that_already_runs(asked):
    asked.told(CREATED)
    asked.told(error("input_audio_buffer_commit_empty"), cause=COMMIT)
    assert asked.answers == [CancelResponse("resp_1")]


def test_2_4_a_commit_that_is_refused_after_the_next_one_leaves_the_next_turn_alone(asked):
    asked.turns.cancel()
    asked.turns.ask(2)
    asked.downlink.committing(2, Commit())
    asked.told(error("input_audio_buffer_commit_empty"), cause=COMMIT)
    assert (asked.facts, asked.answers) == ([], [])


def test_2_4_a_refused_commit_of_nobodys_turn_aborts_nothing(session):
    session.told(error("input_audio_buffer_commit_empty"), cause=COMMIT)
    assert (session.facts, session.answers) == ([], [])


# 6.14 The unknown


def test_6_14_unknown_and_malformed_events_are_counted_told_once_a_kind_and_survived(asked):
    odd = [Unknown("response.sung"), Malformed("response.done", "no response"), Unknown("response.sung")]
    asked.told(CREATED, *odd, delta(), DONE)
    assert asked.downlink.counts == {"unknown response.sung": 2, "malformed response.done": 1}
    assert asked.first_of_kind == ["unknown response.sung", "malformed response.done"]
    assert asked.facts == [ReplyArrived(1), ReplyEnded(1)]


def test_6_14_kinds_of_trouble_are_bounded_in_number_and_length(session):
    session.told(*(Unknown(f"{n} " + "x" * 1000) for n in range(10 * KINDS_COUNTED)))
    counts = session.downlink.counts
    assert (len(counts), counts["other"]) == (KINDS_COUNTED + 1, 9 * KINDS_COUNTED)
    assert max(map(len, counts)) <= 80
    assert session.first_of_kind[-1] == "other"


# Fuzz

NAMES = [*HARMLESS, *BETA_TO_GA, "error", "response.created", "response.done", "response.output_audio.delta"]
NAMES += ["response.output_audio_transcript.delta", "input_audio_buffer.committed", "session.created"]
NAMES += ["conversation.item.input_audio_transcription.completed"]
IDS = st.sampled_from(["resp_1", "resp_2", "resp_3", "item_1", "", "rc-1"]) | st.text(max_size=3)
CODES = st.sampled_from(["server_error", "input_audio_buffer_commit_empty", OCCUPIED])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
RESPONSE = st.fixed_dictionaries({"id": IDS | JUNK, "status": st.sampled_from(list(Status)).map(lambda s: s.value)})
FIELDS = {
    "response_id": IDS | JUNK,
    "item_id": IDS,
    "content_index": st.integers(-1, 2) | JUNK,
    "delta": st.sampled_from(["AA==", "AAA=", "AAAA", "AAECAw==", "no base64", ""]) | JUNK,
    "transcript": st.text(max_size=5) | JUNK,
    "response": RESPONSE | JUNK,
    "error": st.fixed_dictionaries({"code": CODES | JUNK, "event_id": IDS | JUNK}) | JUNK,
}
EVENTS = st.fixed_dictionaries({"type": st.sampled_from(NAMES) | st.text(max_size=5)}, optional=FIELDS)
CAUSES = st.sampled_from([None, COMMIT, Commit(), CreateResponse(), CancelResponse("resp_1"), Clear(), Append(b"")])
STEPS = st.tuples(st.just("event"), EVENTS | JUNK, CAUSES) | st.sampled_from([("ask",), ("cancel",), ("silence",)])


@settings(max_examples=50, deadline=None)
@given(st.lists(STEPS, max_size=20))
def test_whatever_is_said_nothing_raises_and_every_sound_belongs_to_the_turn_that_asked(steps):
    session, turn = Session(), 0
    for step in steps:
        match step:
            case ("event", words, cause):
                follows = session.told(decode(json.dumps(words)), cause=cause)
                assert {one.turn for one in (*follows.audio, *follows.facts)} <= {turn}
            case ("ask",):
                turn += 1
                session.turns.cancel()
                session.answers += session.turns.ask(turn)
                session.downlink.committing(turn, COMMIT)
            case ("cancel",):
                session.turns.cancel()
            case _:
                heard = {chunk.part: len(chunk.pcm) // 2 for chunk in session.audio if isinstance(chunk, Chunk)}
                session.turns.silenced(heard)
    session.closed()
    assert session.answers.count(CreateResponse()) <= turn + session.downlink.counts[f"error {OCCUPIED}"]


@pytest.mark.parametrize("response", ["resp_1", "resp_{}"])
def test_a_far_end_that_never_stops_inventing_does_not_fill_the_memory(session, response):
    for n in range(5 * PARTS_TAKEN):
        part = Part(response.format(n), f"item_{n}", n)
        session.turns.ask(n)
        session.told(TranscriptDelta(part, "x" * 10_000), delta(b"x", part), Unknown(f"{n}"))
        session.told(ResponseDone(f"other_{n}", Status.COMPLETED, f"code_{n}"))
    assert sum(len(one.text) for one in session.memory.heard()) <= TURNS_KEPT * PARTS_TAKEN * (CHARACTERS_KEPT + 1)
    assert len(session.downlink.counts) <= KINDS_COUNTED + 1
