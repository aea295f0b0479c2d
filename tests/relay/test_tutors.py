"""Tutors without any socket, on a loop whose time jumps."""

from __future__ import annotations

import asyncio
import base64

import pytest

from agent.relay.service import Service
from agent.relay.tutors import UNREAD_EVENTS, Caller, ServiceTutor, TutorGone, parrot, scripted
from agent.relay.voices import recordings
from tests.clock import jumping
from tests.relay.talking import CLEAR, COMMIT, CREATE, SECOND, Speaker, append, types

CALLER = Caller("es", 4_000_000_000)


def a_tutor():
    return ServiceTutor(Service(Speaker(), "s", 5))


async def until(tutor, kind):
    events = []
    while not events or events[-1]["type"] != kind:
        events.append(await tutor.receive())
    return events


def sound(events):
    return b"".join(base64.b64decode(e["delta"]) for e in events if e["type"] == "response.output_audio.delta")


def test_a_scripted_tutor_speaks_five_times_faster_than_it_is_heard():
    async def lesson():
        tutor = await scripted()(CALLER)
        await tutor.send(CREATE)
        await until(tutor, "response.output_audio.delta")
        began = asyncio.get_running_loop().time()
        await until(tutor, "response.done")
        return asyncio.get_running_loop().time() - began

    assert jumping(lesson()) == pytest.approx(9 / 5)


def test_a_scripted_tutor_says_the_recordings_of_the_devices_language():
    async def lesson():
        tutor = await scripted()(Caller("en", 5))
        await tutor.send(CREATE)
        return sound(await until(tutor, "response.done"))

    assert jumping(lesson()) == recordings()["en"][0].pcm


def test_a_parrot_says_back_what_was_committed():
    async def check():
        tutor = await parrot()(CALLER)
        for event in (append(SECOND), COMMIT, CREATE):
            await tutor.send(event)
        return sound(await until(tutor, "response.done"))

    assert jumping(check()) == SECOND


def test_an_event_that_is_sent_while_a_reader_waits_is_answered_at_once():
    async def talk():
        tutor = a_tutor()
        assert (await tutor.receive())["type"] == "session.created"
        reader = asyncio.create_task(tutor.receive())
        await asyncio.sleep(3600)
        await tutor.send(CLEAR)
        return types([await reader]), asyncio.get_running_loop().time()

    assert jumping(talk()) == (["input_audio_buffer.cleared"], 3600)


def test_a_sender_waits_while_too_much_is_unread():
    async def talk():
        tutor = a_tutor()
        for _ in range(UNREAD_EVENTS - 1):
            await tutor.send(CLEAR)
        late = asyncio.create_task(tutor.send(CLEAR))
        await asyncio.sleep(1)
        assert not late.done()
        await tutor.receive()
        await late

    jumping(talk())


def test_a_tutor_that_was_closed_is_gone_for_readers_and_senders():
    async def talk():
        tutor = a_tutor()
        await tutor.receive()
        reader = asyncio.create_task(tutor.receive())
        await asyncio.sleep(1)
        await tutor.close()
        await tutor.close()
        with pytest.raises(TutorGone):
            await reader
        with pytest.raises(TutorGone):
            await tutor.send(CLEAR)

    jumping(talk())


def test_two_sessions_of_one_factory_share_no_ids():
    async def talk():
        factory = scripted()
        return [(await (await factory(CALLER)).receive())["session"]["id"] for _ in range(2)]

    assert len(set(jumping(talk()))) == 2
