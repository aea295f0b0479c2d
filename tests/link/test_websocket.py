"""A session from the dial that made it to its close: what is asked, sent, taken and ended."""

import asyncio
import contextlib
import logging

import pytest

from agent.link.transport import LinkClosed
from agent.link.websocket import MAX_MESSAGE_BYTES
from agent.units import Seconds
from tests.link.relay import AUTHS, SECRET, dialled, live, relay


@live
async def test_messages_go_both_ways():
    async def echo(socket):
        await socket.send(await socket.recv())

    async with relay(echo) as there:
        socket = await dialled(there.url)
        await socket.send('{"type":"hola"}')
        assert await socket.receive() == '{"type":"hola"}'
        await socket.close(1000)


@live
async def test_how_long_a_ping_takes_is_known_after_the_first(monkeypatch):
    monkeypatch.setattr("agent.link.websocket.PING_S", 0.01)
    async with relay() as there:
        socket = await dialled(there.url)
        assert socket.round_trip is None
        async with asyncio.timeout(10):
            while socket.round_trip is None:  # noqa: ASYNC110 - the library tells nobody
                await asyncio.sleep(0.01)
        assert 0 < socket.round_trip < 10
        await socket.close(1000)


@pytest.mark.parametrize("auth", AUTHS)
@live
async def test_the_relay_gets_the_token_and_nothing_it_must_not_get(auth):
    async with relay() as there:
        await (await dialled(there.url, auth)).close(1000)
    (request,) = there.requests
    offers = [name.strip() for line in request.headers.get_all("Sec-WebSocket-Protocol") for name in line.split(",")]
    assert request.headers.get("Authorization") == (f"Bearer {SECRET}" if auth == "header" else None)
    assert request.path == (f"/?grade=2&jwt={SECRET}" if auth == "query:jwt" else "/?grade=2")
    assert offers == (["realtime", f"openai-insecure-api-key.{SECRET}"] if auth == "subprotocol" else [])
    assert "OpenAI-Beta" not in request.headers
    assert "Sec-WebSocket-Extensions" not in request.headers


@live
async def test_eight_mebibytes_are_taken_and_no_more():
    async def boast(socket):
        await socket.send("x" * MAX_MESSAGE_BYTES)
        with contextlib.suppress(Exception):
            await socket.send("x" * (MAX_MESSAGE_BYTES + 1))

    async with relay(boast) as there:
        socket = await dialled(there.url)
        assert len(await socket.receive()) == MAX_MESSAGE_BYTES
        with pytest.raises(LinkClosed):
            await socket.receive()


async def _close_without_code(socket):
    socket.protocol.send_close()
    for data in socket.protocol.data_to_send():
        socket.transport.write(data)


async def _abort(socket):
    socket.transport.abort()


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        (lambda socket: socket.close(1001), 1001),
        (lambda socket: socket.close(1012), 1012),
        (lambda socket: socket.close(4401), 4401),
        (_close_without_code, 1005),
        (_abort, None),
    ],
)
@live
async def test_a_session_ends_with_the_code_that_the_far_end_gave(leave, code):
    async with relay(leave) as there:
        socket = await dialled(there.url)
        with pytest.raises(LinkClosed) as closed:
            await socket.receive()
        assert closed.value.code == code
        with pytest.raises(LinkClosed):
            await socket.send("{}")
        await socket.close(1000)


@live
async def test_the_far_end_learns_with_which_code_we_close():
    codes = asyncio.Queue()

    async def note(socket):
        await socket.wait_closed()
        codes.put_nowait(socket.close_code)

    async with relay(note) as there:
        await (await dialled(there.url)).close(1001)
        assert await codes.get() == 1001


@live
async def test_a_network_that_takes_nothing_does_not_keep_us_from_closing():
    done = asyncio.Event()

    async def ignore(socket):
        await done.wait()

    async with relay(ignore) as there:
        socket = await dialled(there.url)
        stuck = asyncio.create_task(_send_without_end(socket))
        await asyncio.wait([stuck], timeout=0.2)
        await socket.close(1000)
        with pytest.raises(LinkClosed):
            await stuck
        done.set()


async def _send_without_end(socket):
    while True:
        await socket.send("x" * 2**20)


@pytest.mark.parametrize(
    ("dates", "left"),
    [
        (["Fri, 20 Nov 2026 12:00:00 GMT"], 95),
        (["Fri, 20 Nov 2026 13:00:00 GMT"], 0),
        (["yesterday"], None),
        ([], None),
        (["Fri, 20 Nov 2026 12:00:00 GMT"] * 2, None),
    ],
)
@live
async def test_the_time_left_is_reckoned_from_the_far_ends_own_clock(dates, left):
    noon = 1_795_176_000
    now = [0.0]
    async with relay(dates=dates) as there:
        socket = await dialled(there.url, clock=lambda: Seconds(now[0]))
        now[0] += 5
        assert socket.lifetime(noon + 100) == left
        await socket.close(1000)


@pytest.mark.parametrize("auth", AUTHS)
@live
async def test_the_token_stays_out_of_the_log_even_when_all_is_logged(auth, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("websockets", "websockets.client"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with relay() as there:
        socket = await dialled(there.url, auth)
        await socket.send("Había una vez")
        await socket.close(1000)
    client = [record.getMessage() for record in caplog.records if record.name != "websockets.server"]
    assert not any(SECRET in message or "Había" in message for message in client)
    assert SECRET not in repr(socket) + repr(vars(socket))
