import pytest

from agent.relay.configuration import defaults, updated
from agent.relay.shapes import Refused
from agent.relay.vocabulary import CLIENT_EVENTS
from tests.relay.talking import CREATE, append, say, truncate, update


def judged(event):
    CLIENT_EVENTS[event["type"]](event, "")


@pytest.mark.parametrize(
    "event",
    [
        append(),
        truncate("item", 0),
        say("hola"),
        say("hello", "assistant"),
        say("rules", "system"),
        update(max_output_tokens=4096, output_modalities=["audio"]),
        {**CREATE, "response": {"metadata": {"turn": "1"}, "conversation": "auto", "max_output_tokens": "inf"}},
        {"type": "response.cancel", "response_id": "resp", "event_id": "x" * 512},
    ],
)
def test_what_clients_rightly_say_is_let_through(event):
    judged(event)


def test_the_echoed_audio_block_is_let_through_as_it_came():
    session = updated(defaults("sess", 5), {"audio": {"input": {"transcription": {"model": "m"}}}})
    judged(update(audio=session["audio"]))


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({"type": "conversation.item.truncate", "item_id": "a"}, "content_index"),
        ({"type": "conversation.item.create", "item": "hola"}, "item"),
        (say("hola", "assistant", content=[{"type": "text", "text": "x"}]), "item.content[0].type"),
        (say("hola", role="teacher"), "item.role"),
        (update(audio={"input": {"format": {"type": "audio/pcm", "rate": 16000}}}), "session.audio.input.format.rate"),
        (update(audio={"input": {"turn_detection": {}}}), "session.audio.input.turn_detection.type"),
        (update(temperature=0.8), "session.temperature"),
        (update(id="sess_1"), "session.id"),
        ({**CREATE, "response": {"output_modalities": ["text"]}}, "response.output_modalities[0]"),
        ({**CREATE, "event_id": "x" * 513}, "event_id"),
    ],
)
def test_what_clients_get_wrong_is_refused_by_name(event, param):
    with pytest.raises(Refused) as refused:
        judged(event)
    assert refused.value.param == param
