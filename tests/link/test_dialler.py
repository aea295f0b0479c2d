import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import serve

from agent.errors import BadInput
from agent.link.backoff import HttpRefused, NoToken
from agent.link.dialler import dialler
from agent.link.token import Token, keep_token
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


def rotated(tmp_path):
    """A device with an issued and a rotated token."""
    file, environ = tmp_path / "token", {"STATE_DIRECTORY": str(tmp_path)}
    file.write_text("rct_issued")
    keep_token(Token("rct_rotated"), file, environ)
    return file, environ


def tried(refused, tmp_path):
    """The tokens that a relay is shown in one dial; it refuses some, with an HTTP status."""
    file, environ = rotated(tmp_path)
    shown = []

    def answer(socket, request):
        shown.append(request.headers["Authorization"].removeprefix("Bearer "))
        status = refused.get(shown[-1])
        return socket.respond(status, "no") if status else None

    async def main():
        async with serve(lambda socket: socket.wait_closed(), "127.0.0.1", 0, process_request=answer) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            dial = dial_with(load(None, {}, relay={"url": url, "token_file": file}), environ)
            try:
                await (await dial()).close(1000)
            except DialFailed as failed:
                return shown, failed.failure
            return shown, None

    return asyncio.run(main())


def test_a_rotated_token_is_the_one_that_is_used(tmp_path):
    assert tried({}, tmp_path) == (["rct_rotated"], None)


def test_a_rotated_token_that_is_refused_does_not_keep_us_from_trying_the_issued_one(tmp_path):
    both = ["rct_rotated", "rct_issued"]
    assert tried({"rct_rotated": 401}, tmp_path) == (both, None)
    assert tried({"rct_rotated": 401, "rct_issued": 403}, tmp_path) == (both, HttpRefused(403))


def test_a_relay_that_is_in_trouble_is_not_asked_twice(tmp_path):
    assert tried({"rct_rotated": 503}, tmp_path) == (["rct_rotated"], HttpRefused(503))


def test_an_authority_of_ones_own_has_to_be_one(tmp_path):
    with pytest.raises(BadInput, match=r"relay\.ca_file .*gone.pem: found a file that can not be read"):
        dial_with(load(None, {}, relay={"url": "wss://h", "ca_file": tmp_path / "gone.pem"}), {})


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
