"""The rules of the Realtime service, one by one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.relay.service import UNTOLD_TRANSCRIPTS
from agent.relay.vocabulary import CLIENT_EVENTS
from tests.relay.talking import (
    CANCEL,
    CLEAR,
    COMMIT,
    CREATE,
    SECOND,
    Speaker,
    a_service,
    append,
    code,
    replied,
    say,
    the,
    truncate,
    types,
    update,
)


def test_a_session_opens_with_voice_detection_on_and_an_end():
    session = the("session.created", a_service().opened())["session"]
    assert session["audio"]["input"]["turn_detection"]["create_response"] is True
    assert session["audio"]["input"]["transcription"] is None
    assert session["expires_at"] == 4_000_000_000


def test_an_update_turns_voice_detection_off():
    session = the("session.updated", a_service().told(update(audio={"input": {"turn_detection": None}}), 0))["session"]
    assert session["audio"]["input"]["turn_detection"] is None


@pytest.mark.parametrize(
    ("session", "expected", "param"),
    [
        ({"type": "realtime", "voice": "alloy"}, "unknown_parameter", "session.voice"),
        ({"type": "realtime", "modalities": ["audio", "text"]}, "unknown_parameter", "session.modalities"),
        ({"instructions": "x"}, "missing_required_parameter", "session.type"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
    ],
)
def test_a_beta_shaped_update_is_refused_whole(session, expected, param):
    service = a_service()
    answer = service.told({"type": "session.update", "session": {**session, "instructions": "changed"}}, 0)
    assert types(answer) == ["error"]
    assert (code(answer), answer[0]["error"]["param"]) == (expected, param)
    assert the("session.updated", service.told(update(), 0))["session"]["instructions"] != "changed"


def test_the_voice_is_locked_once_it_was_heard():
    service = a_service()
    other = update(audio={"output": {"voice": "marin"}})
    assert types(service.told(other, 0)) == ["session.updated"]
    replied(service)
    assert types(service.told(other, 90)) == ["session.updated"]
    assert code(service.told(update(audio={"output": {"voice": "cedar"}}), 90)) == "cannot_update_voice"


def test_an_append_is_never_acknowledged_and_a_commit_becomes_an_item():
    service = a_service()
    assert service.told(append(), 0) == []
    events = service.told(COMMIT, 0)
    assert types(events) == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    assert len({events[0]["item_id"], *(event["item"]["id"] for event in events[1:])}) == 1
    assert service.due is None, "a commit does not create a response"


def test_a_commit_under_100_ms_is_refused():
    service = a_service()
    service.told(append(SECOND[: 99 * 48]), 0)
    answer = service.told({**COMMIT, "event_id": "mine"}, 0)
    assert code(answer) == "input_audio_buffer_commit_empty"
    assert "at least 100ms" in answer[0]["error"]["message"]
    assert answer[0]["error"]["event_id"] == "mine"


def test_a_clear_empties_the_buffer():
    service = a_service()
    service.told(append(), 0)
    assert types(service.told(CLEAR, 0)) == ["input_audio_buffer.cleared"]
    assert code(service.told(COMMIT, 0)) == "input_audio_buffer_commit_empty"


def test_audio_that_is_not_base64_is_refused():
    assert code(a_service().told({"type": "input_audio_buffer.append", "audio": "AAA"}, 0)) == "invalid_value"


def test_the_voice_answers_what_was_committed_last():
    voice = Speaker()
    service = a_service(voice=voice)
    service.told(append(SECOND), 0)
    service.told(COMMIT, 0)
    service.told(CREATE, 0)
    assert voice.heard == [SECOND]


def test_a_response_is_created_while_none_runs_and_refused_while_one_does():
    service = a_service()
    assert service.told(CREATE, 0) == []
    assert code(service.told(CREATE, 0.01)) == "conversation_already_has_active_response"
    service.passed(60)
    assert service.told(CREATE, 60) == []


def test_metadata_of_a_response_is_echoed():
    service = a_service()
    service.told({**CREATE, "response": {"metadata": {"turn": "7"}}}, 0)
    assert the("response.created", service.passed(0.1))["response"]["metadata"] == {"turn": "7"}


def test_a_cancelled_response_holds_its_slot_until_it_is_done():
    service = a_service()
    service.told(CREATE, 0)
    service.passed(0.35)
    assert service.told(CANCEL, 0.35) == []
    assert code(service.told(CREATE, 0.36)) == "conversation_already_has_active_response"
    done = the("response.done", service.passed(0.5))["response"]
    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "client_cancelled")
    assert service.told(CREATE, 0.5) == []


def test_a_cancel_without_its_response_is_refused():
    service = a_service()
    assert code(service.told(CANCEL, 0)) == "response_cancel_not_active"
    service.told(CREATE, 0)
    assert code(service.told(CANCEL, 0.01)) == "response_cancel_not_active", "too early: not created yet"
    assert code(service.told({**CANCEL, "response_id": "another"}, 0.1)[-1:]) == "response_cancel_not_active"
    assert the("response.done", service.passed(60))["response"]["status"] == "completed"


def test_a_reply_is_truncated_to_what_was_heard():
    service = a_service()
    _, item = replied(service)
    answer = service.told(truncate(item, 700), 90)
    assert the("conversation.item.truncated", answer)["audio_end_ms"] == 700
    assert the("error", service.told(truncate(item, 701), 90))["error"]["message"] == (
        "Audio content of 700ms is already shorter than 701ms"
    )
    assert types(service.told({"type": "conversation.item.delete", "item_id": item}, 90)) == [
        "conversation.item.deleted"
    ]


@pytest.mark.parametrize(
    ("item_id", "ms", "expected"),
    [
        ("nobody", 10, "item_truncate_invalid_item_id"),
        ("mine", 10, "unsupported_content_type"),
        ("mine", 10.5, "invalid_type"),
    ],
)
def test_a_truncate_that_can_not_be_is_refused(item_id, ms, expected):
    service = a_service()
    service.told(say("hola", id="mine"), 0)
    assert code(service.told(truncate(item_id, ms), 0)) == expected


def test_the_bill_counts_heard_speech_in_100_ms_and_spoken_in_50_ms():
    service = a_service(SECOND * 2)
    service.told(append(SECOND), 0)
    service.told(COMMIT, 0)
    service.told(CREATE, 0)
    usage = the("response.done", service.passed(60))["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] == 10
    assert usage["output_token_details"]["audio_tokens"] == 40
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_what_was_understood_floats_in_later_when_it_was_asked_for():
    service = a_service(SECOND * 4)
    service.told(update(audio={"input": {"transcription": {"model": "any"}}}), 0)
    service.told(append(), 0)
    item = the("input_audio_buffer.committed", service.told(COMMIT, 0))["item_id"]
    service.told(CREATE, 0)
    events = service.passed(60)
    kind = "conversation.item.input_audio_transcription.completed"
    assert the(kind, events)["item_id"] == item
    assert types(events).index("response.created") < types(events).index(kind) < types(events).index("response.done")


def test_transcripts_that_nobody_waits_for_are_bounded():
    service = a_service()
    service.told(update(audio={"input": {"transcription": {"model": "any"}}}), 0)
    for _ in range(UNTOLD_TRANSCRIPTS + 10):
        service.told(append(), 0)
        service.told(COMMIT, 0)
    assert len(service.passed(60)) == 2 * UNTOLD_TRANSCRIPTS


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (None, "invalid_json"),
        ([1], "invalid_json"),
        ({}, "missing_required_parameter"),
        ({"type": "response.stop"}, "invalid_value"),
        ({"type": ["response.create"]}, "invalid_value"),
        ({"type": "response.create", "response": {"modalities": ["audio"]}}, "unknown_parameter"),
        ({"type": "response.create", "event_id": 5}, "invalid_type"),
    ],
)
def test_what_is_not_a_client_event_is_refused_and_the_session_goes_on(event, expected):
    service = a_service()
    assert code(service.told(event, 0)) == expected
    assert service.told(CREATE, 0) == []


def test_every_event_has_an_id_of_its_own_and_no_other_session_uses_it():
    service = a_service()
    service.told(CREATE, 0)
    events = service.opened() + service.passed(60)
    ids = [event["event_id"] for event in events]
    assert len(set(ids)) == len(ids)
    assert all("_s_" in name for name in ids)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
_ODD = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(CLIENT_EVENTS))},
    optional={
        "event_id": _JSON,
        "session": _JSON
        | st.fixed_dictionaries({"type": st.just("realtime")}, optional={"audio": _JSON, "tools": _JSON}),
        "audio": st.sampled_from(["", "AAAA", "A", "ñ", "\ud800", base64.b64encode(SECOND).decode()]) | _JSON,
        "item": _JSON,
        "item_id": st.sampled_from(["item_s_3", "item_s_9"]) | _JSON,
        "content_index": st.integers(0, 1) | _JSON,
        "audio_end_ms": st.integers() | _JSON,
        "response": _JSON,
        "response_id": _JSON,
        "previous_item_id": _JSON,
    },
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_JSON | _ODD | st.sampled_from([append(), COMMIT, CREATE, CANCEL]), max_size=12))
def test_whatever_clients_send_the_service_answers_with_events(events):
    service = a_service()
    for number, event in enumerate(events):
        answers = service.told(event, number * 0.1)
        assert all(isinstance(answer["type"], str) and answer["event_id"] for answer in answers)
    assert not any(event["type"] == "error" for event in service.passed(600))
    assert service.due is None
