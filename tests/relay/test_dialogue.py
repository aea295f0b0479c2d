"""A device's conversation through the relay, without any socket."""

from __future__ import annotations

from agent.relay.dialogue import Counts, Dialogue
from agent.relay.service import Service
from agent.relay.settings import RelaySettings
from agent.relay.tutors import ServiceTutor
from tests.clock import jumping
from tests.relay.talking import COMMIT, CREATE, Speaker, append, say, the, types

CONFIGURATION = RelaySettings().session()


def a_dialogue(beta=False, expires_at=None):
    return Dialogue(ServiceTutor(Service(Speaker(), "s", 5)), beta=beta, session_expires_at=expires_at)


async def until(dialogue, kind):
    events = []
    while not events or events[-1]["type"] != kind:
        events.append(await dialogue.receive())
    return events


def test_the_relay_configures_the_session_before_the_device_can_speak():
    async def talk():
        dialogue = a_dialogue()
        await dialogue.configure(CONFIGURATION)
        return await until(dialogue, "session.updated")

    events = jumping(talk())
    assert types(events) == ["session.created", "session.updated"]
    session = events[-1]["session"]
    assert session["audio"]["input"]["turn_detection"] is None
    assert session["audio"]["input"]["noise_reduction"] == {"type": "far_field"}
    assert session["instructions"] == CONFIGURATION["instructions"]


def test_the_relays_own_session_length_is_told_as_the_end_of_the_session():
    async def talk():
        dialogue = a_dialogue(expires_at=77)
        return (await dialogue.receive())["session"]["expires_at"]

    assert jumping(talk()) == 77


def test_a_beta_device_hears_beta_names_and_may_speak_them():
    async def talk():
        dialogue = a_dialogue(beta=True)
        await dialogue.send({"type": "session.update", "session": {"turn_detection": None, "voice": "marin"}})
        session = the("session.updated", await until(dialogue, "session.updated"))["session"]
        hello = say("hola", "assistant")
        hello["item"]["content"][0]["type"] = "text"
        for event in (hello, append(), COMMIT, CREATE):
            await dialogue.send(event)
        return session, types(await until(dialogue, "response.done"))

    session, kinds = jumping(talk())
    assert (session["turn_detection"], session["voice"]) == (None, "marin")
    assert "type" not in session
    assert {"conversation.item.created", "response.audio.delta", "response.audio_transcript.delta"} <= set(kinds)
    assert not {"conversation.item.done", "response.output_audio.delta", "error"} & set(kinds)


def test_a_beta_device_may_send_what_is_no_event_at_all():
    async def talk():
        dialogue = a_dialogue(beta=True)
        await dialogue.send(None)
        return (await until(dialogue, "error"))[-1]["error"]["code"]

    assert jumping(talk()) == "invalid_json"


def test_a_dialogue_counts_and_keeps_nothing_else():
    async def talk():
        dialogue = a_dialogue()
        await dialogue.send(append())
        await dialogue.receive()
        await dialogue.close()
        return dialogue.counts

    assert jumping(talk()) == Counts(to_tutor=1, to_device=1)
