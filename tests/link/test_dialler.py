import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import serve

from agent.errors import BadInput
from agent.link.backoff import NoToken
from agent.link.dialler import dialler
from agent.link.transport import DialFailed
from agent.settings_sources import load
from agent.units import Seconds

ABOUT = {"device_id": "corner-7", "school_id": "12345", "language": "en-US", "grade": 3}


def dial_with(settings, environ):
    return dialler(settings, environ, clock=lambda: Seconds(0))


def requests_of(dials, *, environ=None, before=lambda: None, **relay):
    """What a relay was asked in so many dials; `before` is called before each."""
    requests = []

    async def converse(socket):
        requests.append(socket.request)
        await socket.wait_closed()

    async def main():
        async with serve(converse, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/tutor"
            dial = dial_with(load(None, {}, **ABOUT, relay={"url": url, **relay}), environ or {})
            for _ in range(dials):
                before()
                await (await dial()).close(1000)

    asyncio.run(main())
    return requests


def test_the_relay_learns_who_calls_in_which_language_and_grade():
    (request,) = requests_of(1, environ={"READING_CORNER_TOKEN": "rct_7"}, query={"tutor": "lectura & más"})
    address = urlsplit(request.path)
    assert address.path == "/tutor"
    assert parse_qs(address.query) == {
        "device_id": ["corner-7"],
        "school_id": ["12345"],
        "language": ["en-US"],
        "grade": ["3"],
        "tutor": ["lectura & más"],
    }


def test_the_token_is_read_afresh_at_each_dial(tmp_path):
    file = tmp_path / "token"
    tokens = iter(["rct_old", "rct_new"])
    first, second = requests_of(2, token_file=file, before=lambda: file.write_text(next(tokens)))
    assert first.headers["Authorization"] == "Bearer rct_old"
    assert second.headers["Authorization"] == "Bearer rct_new"


def test_the_token_travels_as_the_settings_say():
    (request,) = requests_of(1, environ={"READING_CORNER_TOKEN": "rct_7"}, auth="query:jwt")
    assert parse_qs(urlsplit(request.path).query)["jwt"] == ["rct_7"]
    assert "Authorization" not in request.headers


def test_without_a_token_nobody_is_dialled():
    dial = dial_with(load(None, {}, relay={"url": "ws://127.0.0.1:1"}), {})
    with pytest.raises(DialFailed) as failed:
        asyncio.run(dial())
    assert isinstance(failed.value.failure, NoToken)


def test_without_a_relay_there_is_nothing_to_dial():
    with pytest.raises(BadInput, match=r"relay\.url"):
        dial_with(load(None, {}), {})
