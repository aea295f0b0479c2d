import copy
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.link.dialect import (
    BETA_TO_GA,
    FLAT_TO_NESTED,
    client_to_ga,
    session_to_beta,
    session_to_ga,
    to_beta,
    to_ga,
)

FLAT = {
    "id": "sess_1",
    "object": "realtime.session",
    "expires_at": 1000,
    "instructions": "Read with me.",
    "modalities": ["text", "audio"],
    "max_response_output_tokens": 4096,
    "input_audio_format": "pcm16",
    "input_audio_transcription": {"model": "whisper"},
    "input_audio_noise_reduction": {"type": "far_field"},
    "turn_detection": None,
    "output_audio_format": "g711_ulaw",
    "voice": "sage",
    "speed": 0.9,
}

NESTED = {
    "type": "realtime",
    "id": "sess_1",
    "object": "realtime.session",
    "expires_at": 1000,
    "instructions": "Read with me.",
    "output_modalities": ["audio"],
    "max_output_tokens": 4096,
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": {"model": "whisper"},
            "noise_reduction": {"type": "far_field"},
            "turn_detection": None,
        },
        "output": {"format": {"type": "audio/pcmu"}, "voice": "sage", "speed": 0.9},
    },
}


def reply(type_, part, **response):
    item = {"id": "item_1", "role": "assistant", "content": [{"type": part, "transcript": "hi"}]}
    return {"type": type_, "response": {"id": "resp_1", "max_output_tokens": "inf", "output": [item], **response}}


def test_a_session_says_the_same_in_both_shapes():
    assert session_to_ga(FLAT) == NESTED
    assert session_to_beta(NESTED) == FLAT


@pytest.mark.parametrize(("beta", "ga"), BETA_TO_GA.items())
def test_each_renamed_event_is_renamed_both_ways(beta, ga):
    assert to_ga({"type": beta, "delta": "x"}) == {"type": ga, "delta": "x"}
    assert to_beta({"type": ga, "delta": "x"}) == {"type": beta, "delta": "x"}


def test_an_event_already_in_ga_names_stays_as_it_is():
    for event in ({"type": "session.created", "session": NESTED}, {"type": "response.output_audio.delta"}):
        assert to_ga(event) == event


def test_beta_hears_of_an_item_once():
    item = {"id": "item_1", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}
    assert to_beta({"type": "conversation.item.added", "item": item}) == {
        "type": "conversation.item.created",
        "item": {"id": "item_1", "role": "assistant", "content": [{"type": "text", "text": "hi"}]},
    }
    assert to_beta({"type": "conversation.item.done", "item": item}) is None


def test_a_response_carries_its_items_and_modalities_across():
    ga = reply(
        "response.done", "output_audio", output_modalities=["audio"], audio={"output": {"voice": "sage"}}, usage=None
    )
    beta = reply("response.done", "audio", modalities=["text", "audio"], voice="sage", usage=None)
    assert to_beta(ga) == beta
    assert to_ga(beta) == ga


def test_a_content_part_is_called_audio_in_both_dialects():
    event = {"type": "response.content_part.added", "part": {"type": "audio"}}
    assert to_beta(event) == to_ga(event) == event


def test_a_beta_client_is_understood():
    assert client_to_ga({"type": "session.update", "session": {"turn_detection": None, "temperature": 0.8}}) == {
        "type": "session.update",
        "session": {"type": "realtime", "audio": {"input": {"turn_detection": None}}},
    }
    wishes = {
        "modalities": ["text"],
        "max_response_output_tokens": 50,
        "input": [{"content": [{"type": "text", "text": "a"}]}],
    }
    assert client_to_ga({"type": "response.create", "response": wishes})["response"] == {
        "output_modalities": ["text"],
        "max_output_tokens": 50,
        "input": [{"content": [{"type": "output_text", "text": "a"}]}],
    }
    item = {"role": "user", "content": [{"type": "input_text", "text": "a"}]}
    assert client_to_ga({"type": "conversation.item.create", "item": item})["item"] == item


def test_an_unknown_format_passes_through_for_the_reader_to_refuse():
    assert session_to_ga({"input_audio_format": "mp3"})["audio"]["input"]["format"] == "mp3"
    assert session_to_beta({"audio": {"input": {"format": {"type": "audio/mp3"}}}})["input_audio_format"] == "audio/mp3"


def test_a_session_of_both_shapes_loses_nothing():
    mixed = {"voice": "sage", "audio": {"output": {"speed": 0.9}}}
    assert session_to_ga(mixed) == {"type": "realtime", "audio": {"output": {"voice": "sage", "speed": 0.9}}}


_keys = st.sampled_from(
    ["type", "session", "response", "item", "output", "input", "content", "audio", "output_modalities", *FLAT_TO_NESTED]
)
_odd = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["text", "audio", "pcm16", "conversation.item.done"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_keys, _odd, max_size=4))
@example({"type": [], "session": 1, "response": {"output": [1, {"content": [1]}], "audio": 1}, "item": {"content": 1}})
def test_odd_shapes_pass_through_and_nothing_is_changed_in_place(event):
    before = copy.deepcopy(event)
    for translate in (to_ga, to_beta, client_to_ga):
        json.dumps(translate(event))
    assert event == before
