import base64
import copy
import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.link.dialect import BETA_TO_GA, client_to_ga, session_to_beta
from agent.link.messages import (
    Append,
    AudioDelta,
    CancelResponse,
    Clear,
    Commit,
    Committed,
    CreateResponse,
    Dialect,
    Harmless,
    Malformed,
    ManualTurns,
    Remember,
    ResponseCreated,
    ResponseDone,
    ServerError,
    SessionCreated,
    SessionUpdated,
    Status,
    StudentTranscribed,
    TranscriptDelta,
    Truncate,
    Unknown,
    VoiceStarted,
    VoiceStopped,
)
from agent.link.realtime import HARMLESS, Encoder, decode, expires_at, is_manual
from agent.units import Part

VAD = {"type": "server_vad", "threshold": 0.5}
GA_SESSION = {
    "type": "realtime",
    "object": "realtime.session",
    "expires_at": 1_800_000_000,
    "audio": {
        "input": {"format": {"type": "audio/pcm", "rate": 24000}, "turn_detection": VAD},
        "output": {"voice": "marin", "speed": 0.9},
    },
}
BETA_SESSION = {"object": "realtime.session", "modalities": ["text", "audio"], "turn_detection": VAD}
PLACE = {"response_id": "resp_1", "item_id": "item_1", "content_index": 0}
PART = Part("resp_1", "item_1", 0)


def heard(type_, **fields):
    return decode(json.dumps({"type": type_, "event_id": "event_1", **fields}))


def said(event, dialect=Dialect.GA):
    event_id, text = Encoder(dialect).encode(event)
    words = json.loads(text)
    assert words.pop("event_id", "") == event_id
    return words


def done(**response):
    return heard("response.done", response={"id": "resp_1", "usage": None, **response})


# What the server says


def test_the_dialect_is_learnt_from_the_shape_of_the_echo():
    assert heard("session.created", session=GA_SESSION) == SessionCreated(Dialect.GA, GA_SESSION)
    assert heard("session.created", session=BETA_SESSION) == SessionCreated(Dialect.BETA, BETA_SESSION)
    assert heard("session.created") == SessionCreated(Dialect.GA, {})
    assert heard("session.updated", session=GA_SESSION) == SessionUpdated(GA_SESSION)


def test_each_event_becomes_its_value():
    assert heard("input_audio_buffer.committed", item_id="item_1") == Committed("item_1")
    assert heard("input_audio_buffer.speech_started", item_id="item_1") == VoiceStarted()
    assert heard("input_audio_buffer.speech_stopped", item_id="item_1") == VoiceStopped()
    assert heard("response.created", response={"id": "resp_1", "status": "in_progress"}) == ResponseCreated("resp_1")
    assert heard("response.output_audio.delta", **PLACE, delta="AAEC") == AudioDelta(PART, b"\0\1\2")
    assert heard("response.output_audio_transcript.delta", **PLACE, delta="Hi") == TranscriptDelta(PART, "Hi")
    understood = heard("conversation.item.input_audio_transcription.completed", item_id="item_1", transcript="Hola")
    assert understood == StudentTranscribed("item_1", "Hola")


@pytest.mark.parametrize(("beta", "ga"), BETA_TO_GA.items())
def test_beta_names_are_aliases(beta, ga):
    fields = PLACE | {"delta": "AAEC"}
    assert heard(beta, **fields) == heard(ga, **fields)


def test_known_events_that_ask_nothing_are_harmless():
    assert {heard(name) for name in HARMLESS} == {Harmless(name) for name in HARMLESS}
    assert heard("response.cancelled") == Harmless("response.cancelled")


def test_an_unknown_type_is_clipped_to_what_fits_a_log_line():
    assert heard("next.year\n" + "x" * 100) == Unknown("next.year" + "x" * 54)


@pytest.mark.parametrize(
    ("details", "code"),
    [
        (None, ""),
        ({"type": "cancelled", "reason": "client_cancelled"}, "client_cancelled"),
        ({"type": "failed", "error": {"type": "server_error", "code": "rate_limit_exceeded"}}, "rate_limit_exceeded"),
        ({"type": "failed", "error": {"type": "server_error", "code": None}}, "server_error"),
        ({"type": "failed", "error": "broken", "reason": 5}, ""),
        ("turn_detected", "turn_detected"),  # a plain string: livekit#5994
        ("The student asked about her dog", ""),
    ],
)
def test_a_response_says_why_it_ended_in_a_code(details, code):
    assert done(status="failed", status_details=details) == ResponseDone("resp_1", Status.FAILED, code)


def test_a_response_that_is_over_is_over_whatever_its_status():
    assert {done(status=status.value).status for status in Status} == set(Status)
    for odd in ("in_progress", "exploded", None, [], {}):
        assert done(status=odd) == ResponseDone("resp_1", Status.INCOMPLETE, "")
    assert heard("response.done") == ResponseDone("", Status.INCOMPLETE, "")


def test_an_error_names_its_cause():
    error = {"type": "invalid_request_error", "code": "invalid_value", "param": "audio_end_ms", "event_id": "rc-3"}
    assert heard("error", error=error) == ServerError("invalid_value", "invalid_request_error", "audio_end_ms", "rc-3")
    assert heard("error", error={"code": None, "event_id": None, "message": "x"}) == ServerError("", "", "", "")
    assert heard("error", error="something broke") == heard("error") == ServerError("", "", "", "")


@pytest.mark.parametrize("delta", ["AAE", "AAECA", "AA\nEC", "=AAE", "AA=EC===", "ñAAA", None, 7])
def test_a_delta_that_is_not_whole_base64_is_malformed(delta):
    assert isinstance(heard("response.output_audio.delta", **PLACE, delta=delta), Malformed)


def test_an_empty_delta_and_an_odd_one_are_audio():
    for data in (b"", b"\0", b"\0\1\2"):
        delta = base64.b64encode(data).decode()
        assert heard("response.output_audio.delta", **PLACE, delta=delta) == AudioDelta(PART, data)


def test_what_cannot_be_assigned_to_a_response_is_malformed():
    assert isinstance(heard("response.output_audio.delta", item_id="item_1", delta="AAEC"), Malformed)
    assert isinstance(heard("response.created", response={}), Malformed)


def test_a_malformed_event_tells_its_type_but_not_its_content():
    assert heard("response.created", response="a secret") == Malformed("response.created", "response is no object")


@pytest.mark.parametrize(
    "message",
    ["", "hello", b"\xff\xfe\xfa", "[" * 100_000, "5", "null", "[1]", "{}", '{"type":5}', "1" * 5000, '{"type":"err'],
)
def test_what_is_no_event_is_malformed(message):
    assert isinstance(decode(message), Malformed)


def test_manual_turns_are_seen_in_both_shapes():
    manual = {"audio": {"input": {"turn_detection": None}}}
    assert is_manual(manual)
    assert is_manual(session_to_beta(manual))
    for session in (GA_SESSION, BETA_SESSION, {}, {"audio": None}, {"audio": {"input": {}}}):
        assert not is_manual(session)


def test_the_end_of_a_session_is_known_if_it_is_told():
    assert expires_at(GA_SESSION) == 1_800_000_000
    for no_moment in (0, "x", True, 10**400):
        assert expires_at({"expires_at": no_moment}) is None
    assert expires_at({}) is None


# What we say


def test_speech_goes_out_without_an_id():
    encoder = Encoder(Dialect.GA)
    pcm = bytes(range(256)) * 4 + b"\xff"
    event_id, text = encoder.encode(Append(pcm))
    words = json.loads(text)
    assert event_id == ""
    assert words == {"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()}


def test_control_events_say_what_they_are():
    assert said(Commit()) == {"type": "input_audio_buffer.commit"}
    assert said(Clear()) == {"type": "input_audio_buffer.clear"}
    assert said(CreateResponse()) == {"type": "response.create"}
    assert said(CancelResponse("resp_1")) == {"type": "response.cancel", "response_id": "resp_1"}
    where = {"item_id": "item_1", "content_index": 0, "audio_end_ms": 1200}
    assert said(Truncate("item_1", 0, 1200)) == {"type": "conversation.item.truncate", **where}


def test_manual_turns_send_the_echoed_audio_block_back_whole():
    echo = copy.deepcopy(GA_SESSION)
    update = said(ManualTurns(echo))
    block = {
        "input": {"format": {"type": "audio/pcm", "rate": 24000}, "turn_detection": None},
        "output": {"voice": "marin", "speed": 0.9},
    }
    assert update == {"type": "session.update", "session": {"type": "realtime", "audio": block}}
    assert echo == GA_SESSION


def test_manual_turns_in_beta_send_one_flat_null():
    update = said(ManualTurns(BETA_SESSION), Dialect.BETA)
    assert update == {"type": "session.update", "session": {"turn_detection": None}}


def test_an_echo_without_audio_is_enough_for_manual_turns():
    assert said(ManualTurns({}))["session"]["audio"] == {"input": {"turn_detection": None}}


@pytest.mark.parametrize("by_student", [True, False])
def test_what_was_heard_is_told_alike_in_both_dialects(by_student):
    ga = said(Remember(by_student, "¡Hola \ud800!"))
    role, kind = ("user", "input_text") if by_student else ("assistant", "output_text")
    assert ga["item"] == {"type": "message", "role": role, "content": [{"type": kind, "text": "¡Hola \ud800!"}]}
    assert client_to_ga(said(Remember(by_student, "¡Hola \ud800!"), Dialect.BETA)) == ga


def test_an_error_can_be_laid_at_its_cause_for_the_last_64():
    encoder = Encoder(Dialect.GA)
    events = [Truncate("item_1", 0, ms) for ms in range(70)]
    ids = [encoder.encode(event)[0] for event in events]
    assert len(set(ids)) == 70
    assert [encoder.sent(event_id) for event_id in ids] == [None] * 6 + events[6:]
    assert encoder.sent("") is None


# Anything at all

_leaf = st.sampled_from(
    [None, True, -1, 2**40, 1e308, "", "AAE", "AAEC", "\ud800", "failed", [], {}, [[]], [{"id": 1}]]
)
_inside = st.dictionaries(st.sampled_from(["id", "audio", "code", "status", "error", "type", "status_details"]), _leaf)
_json = _leaf | _inside | st.dictionaries(st.sampled_from(["audio", "input", "error", "status_details"]), _inside)
_types = st.sampled_from(
    [
        "session.created",
        "session.updated",
        "input_audio_buffer.committed",
        "response.created",
        "response.audio.delta",
        "response.output_audio_transcript.delta",
        "conversation.item.input_audio_transcription.completed",
        "response.done",
        "error",
    ]
)
_fields = st.sampled_from(
    [
        "session",
        "response",
        "error",
        "response_id",
        "item_id",
        "content_index",
        "delta",
        "transcript",
    ]
)


@settings(max_examples=60, deadline=None)
@given(_types, st.dictionaries(_fields, _json, max_size=5))
def test_a_known_type_with_anything_in_it_never_raises(type_, fields):
    event = decode(json.dumps({**fields, "type": type_}))
    if isinstance(event, SessionCreated):
        Encoder(event.dialect).encode(ManualTurns(event.session))
        is_manual(event.session)
        expires_at(event.session)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=64) | st.text(max_size=64) | _json.map(json.dumps))
@example('{"type":"' + "\ud800" * 3 + '"}')
@example('{"type":"error","error":{"code":"' + "9" * 5000 + '"}}')
@example('{"type":"response.output_audio.delta","content_index":' + "9" * 5000 + "}")
@example('{"type":"session.created","session":' + '{"a":' * 5000 + "1" + "}" * 5001)
def test_anything_at_all_never_raises(message):
    decode(message)


# Real sessions

RECORDINGS = os.environ.get("READING_CORNER_RECORDINGS")


@pytest.mark.skipif(not RECORDINGS, reason="READING_CORNER_RECORDINGS names no folder with recorded sessions")
def test_recorded_sessions_are_understood():
    recordings = sorted(Path(RECORDINGS).glob("*.jsonl"))
    assert recordings
    for recording in recordings:
        lines = [json.loads(line) for line in recording.read_text().splitlines()]
        events = [decode(json.dumps(line["event"])) for line in lines if line["direction"] == "received"]
        assert not [event for event in events if isinstance(event, Unknown | Malformed)]
        assert [event.dialect for event in events if isinstance(event, SessionCreated)] == [Dialect.GA]
        endings = [(event.status, event.code) for event in events if isinstance(event, ResponseDone)]
        assert endings == [(Status.COMPLETED, "")]
        assert all(event.data for event in events if isinstance(event, AudioDelta))
