"""What follows from what the far end says. Numbers in names: sections of the protocol's rules."""

import json
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.link.dialect import BETA_TO_GA
from agent.link.downlink import KINDS_COUNTED, PARTS_TAKEN, Downlink
from agent.link.messages import (
    Append,
    AudioDelta,
    CancelResponse,
    Clear,
    Commit,
    Committed,
    CreateResponse,
    Harmless,
    Malformed,
    ResponseCreated,
    ResponseDone,
    ServerError,
    Status,
    StudentTranscribed,
    TranscriptDelta,
    Truncate,
    Unknown,
    VoiceStarted,
    VoiceStopped,
)
from agent.link.realtime import HARMLESS, decode
from agent.link.turns import Turns
from agent.session.events import ReplyArrived, ReplyEnded, ReplyFailed, ReplyLimited, UtteranceRefused
from agent.session.memory import CHARACTERS_KEPT, TURNS_KEPT, Memory, Remembered
from agent.units import Chunk, EndOfReply, Part

PART = Part("resp_1", "item_1", 0)
COMMIT = Commit()
CREATED = ResponseCreated("resp_1")
DONE = ResponseDone("resp_1", Status.COMPLETED, "")
SOUND = bytes(range(8))
OCCUPIED = "conversation_already_has_active_response"


@dataclass
class Session:
    """A session's rooms, and whatever followed from what it was told."""

    turns: Turns = field(default_factory=Turns)
    memory: Memory = field(default_factory=Memory)
    audio: list = field(default_factory=list)
    facts: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    first_of_kind: list = field(default_factory=list)

    def __post_init__(self):
        self.downlink = Downlink(self.turns, self.memory)

    def told(self, *events, cause=None, at=0.0):
        for event in events:
            follows = self.downlink.arrived(event, at, cause)
            self._keep(follows)
        return follows

    def closed(self):
        self._keep(self.downlink.closed())

    def heard(self):
        """The samples for the speaker."""
        return [sample for one in self.audio if isinstance(one, Chunk) for sample in one.pcm.tolist()]

    def _keep(self, follows):
        self.audio += follows.audio
        self.facts += follows.facts
        self.answers += follows.answers
        self.first_of_kind += follows.first_of_kind


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def asked(session):
    """A session whose turn 1 was committed and asked for."""
    session.downlink.committing(1, COMMIT)
    session.turns.ask(1)
    return session


def delta(data=SOUND, part=PART):
    return AudioDelta(part, data)


def error(code="", kind="invalid_request_error", param=""):
    return ServerError(code, kind, param, "rc-1")


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
