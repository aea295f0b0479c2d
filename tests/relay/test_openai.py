"""The OpenAI tutor against our own stand-in, served on a loopback socket: the real service can not be reached here."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from agent.errors import BadInput
from agent.relay import settings
from agent.relay.openai import openai
from agent.relay.service import Service
from agent.relay.tutors import Caller, ServiceTutor, TutorGone
from tests.relay.talking import COMMIT, CREATE, Speaker, append, types

CALLER = Caller("es", 5)


@asynccontextmanager
async def upstream(status=None, close=None):
    """A service on a socket; `seen` gathers the upgrade requests."""
    seen = []

    def admit(socket, request):
        seen.append(request)
        return socket.respond(status, "no\n") if status else None

    async def session(socket):
        tutor = ServiceTutor(Service(Speaker(), "s", 5))
        down = asyncio.create_task(forward(tutor, socket))
        try:
            async for message in socket:
                await tutor.send(json.loads(message))
                if close is not None:
                    await socket.close(close)
        finally:
            down.cancel()

    async with serve(session, "127.0.0.1", 0, process_request=admit) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/v1/realtime", seen


async def forward(tutor, socket):
    try:
        await socket.send("[]")
        while True:
            await socket.send(json.dumps(await tutor.receive()))
    except ConnectionClosed:
        return


def tutors_at(url):
    return openai(settings.load({"OPENAI_API_KEY": "sk-test"}, openai_url=url, model="the-model"))


async def until(tutor, kind):
    events = []
    while not events or events[-1]["type"] != kind:
        events.append(await tutor.receive())
    return events


def test_it_dials_with_the_relays_key_and_model_and_without_the_beta_header():
    async def dial():
        async with upstream() as (url, seen):
            tutor = await tutors_at(url)(CALLER)
            await until(tutor, "session.created")
            await tutor.close()
            return seen[0]

    request = asyncio.run(dial())
    assert request.path == "/v1/realtime?model=the-model"
    assert request.headers["Authorization"] == "Bearer sk-test"
    assert "OpenAI-Beta" not in request.headers


def test_a_turn_goes_through_with_the_relays_configuration():
    async def turn():
        async with upstream() as (url, _):
            tutor = await tutors_at(url)(CALLER)
            await tutor.send({"type": "session.update", "session": settings.load({}).session()})
            for event in (append(), COMMIT, CREATE):
                await tutor.send(event)
            events = await until(tutor, "response.done")
            await tutor.close()
            return types(events)

    kinds = asyncio.run(turn())
    assert "session.updated" in kinds
    assert "error" not in kinds


@pytest.mark.parametrize(
    ("status", "code"), [(401, "invalid_api_key"), (429, "rate_limit_exceeded"), (500, "server_error")]
)
def test_a_refused_dial_is_told_in_the_services_codes(status, code):
    async def dial():
        async with upstream(status) as (url, _):
            with pytest.raises(TutorGone) as gone:
                await tutors_at(url)(CALLER)
            return gone.value.error_code, gone.value.close_code

    assert asyncio.run(dial()) == (code, 1013)


def test_a_service_that_is_not_there_is_a_server_error():
    async def dial():
        async with upstream() as (url, _):
            pass
        with pytest.raises(TutorGone) as gone:
            await tutors_at(url)(CALLER)
        return gone.value.error_code

    assert asyncio.run(dial()) == "server_error"


@pytest.mark.parametrize(("theirs", "ours"), [(1001, 1001), (4000, 4000), (1009, 1011)])
def test_the_services_close_code_is_passed_on_where_that_can_be(theirs, ours):
    async def session():
        async with upstream(close=theirs) as (url, _):
            tutor = await tutors_at(url)(CALLER)
            await tutor.send(CREATE)
            with pytest.raises(TutorGone) as gone:
                await until(tutor, "response.done")
            with pytest.raises(TutorGone):
                await tutor.send(CREATE)
            return gone.value.close_code

    assert asyncio.run(session()) == ours


def test_without_a_key_there_is_no_tutor():
    with pytest.raises(BadInput, match="OPENAI_API_KEY"):
        openai(settings.load({}))
