"""The relay's door over real sockets on loopback: who is let in, who is not, and all the ways to be put out."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from agent.link.dialler import dialler
from agent.link.rotating import rotating
from agent.link.token import keep_token
from agent.link.trust import trusting
from agent.relay.registry import Registry
from agent.relay.rotations import State
from agent.relay.server import Relay
from agent.relay.settings import RelaySettings
from agent.relay.tls import context
from agent.relay.tutors import scripted
from agent.settings import Settings
from agent.units import Seconds
from tests.certificates import certificate
from tests.relay.loopback import a_relay, dial, ended, until


def test_a_make_before_break_rotation_finds_two_connections_open():
    async def rotation():
        async with a_relay() as (running, _):
            token = running.mint_token("corner-7")
            async with dial(running, token) as old, dial(running, token) as new:
                await until(old, "session.updated")
                await until(new, "session.updated")
                return len(running.sockets)

    assert asyncio.run(rotation()) == 2


async def status_of(dialling):
    with pytest.raises(InvalidStatus) as refused:
        await dialling
    return refused.value.response.status_code, refused.value.response.headers.get("Retry-After")


def test_tokens_that_are_unknown_or_revoked_or_have_ended_are_refused_at_the_upgrade():
    async def knocks():
        async with a_relay() as (running, registry):
            revoked = running.mint_token("corner-7")
            registry.revoke("corner-7")
            ended, newer = running.mint_token("corner-8"), running.mint_token("corner-8")
            async with dial(running, newer):
                running.rounds.look()
            return [await status_of(dial(running, token)) for token in ("rct_no_token", revoked, ended)]

    assert asyncio.run(knocks()) == [(401, None), (403, None), (403, None)]


def test_a_revoked_token_ends_the_connection_with_4401_even_while_the_tutor_is_being_reached():
    async def never(_caller):
        await asyncio.Event().wait()

    async def session(tutors):
        async with a_relay(tutors) as (running, registry), dial(running) as socket:
            if tutors is None:
                await until(socket, "session.updated")
            registry.revoke("corner-7")
            running.rounds.look()
            return await ended(socket)

    assert [asyncio.run(session(tutors)) for tutors in (None, never)] == [4401, 4401]


def test_a_thief_who_answers_no_farewell_is_put_out_all_the_same():
    async def session():
        async with a_relay() as (running, registry), dial(running) as socket:
            await until(socket, "session.updated")
            socket.transport.pause_reading()
            (there,) = running.sockets
            registry.revoke("corner-7")
            running.rounds.look()
            await there.wait_closed()
            socket.transport.abort()

    asyncio.run(asyncio.wait_for(session(), 10))


def test_a_new_token_goes_over_the_connection_onto_the_disk_and_is_used_at_the_next_dial(tmp_path):
    folder = {"STATE_DIRECTORY": str(tmp_path)}

    async def rotation():
        async with a_relay() as (running, registry):
            issued = tmp_path / "issued"
            issued.write_text(running.mint_token("corner-7"))
            chosen = Settings(relay={"url": running.url, "token_file": issued})
            keep = partial(keep_token, file=issued, environ=folder)
            kept = asyncio.Event()
            connect = rotating(dialler(chosen, folder, lambda: Seconds(0)), keep, lambda trouble: kept.set())
            first = await connect()
            while "session.updated" not in await first.receive():
                pass
            running.rounds.look()
            assert registry.rotations.want("corner-7", 3600)
            running.rounds.look()
            reading = asyncio.create_task(first.receive())
            await kept.wait()
            await first.send('{"type": "input_audio_buffer.clear"}')
            cleared = await reading
            running.rounds.look()
            states = [registry.rotations.all()["corner-7"].state]
            second = await connect()
            running.rounds.look()
            states.append(registry.rotations.all()["corner-7"].state)
            await first.close(1000)
            await second.close(1000)
            return cleared, states, [grant.is_valid for grant in registry.grants("corner-7")]

    cleared, states, valid = asyncio.run(rotation())
    assert "input_audio_buffer.cleared" in cleared
    assert states == [State.KEPT, State.CONFIRMED]
    assert valid == [False, True]


def test_a_relay_without_a_proxy_speaks_tls_to_whoever_trusts_it(tmp_path):
    files = certificate(tmp_path)

    async def session():
        registry = Registry()
        relay = Relay(RelaySettings(), scripted(), registry)
        async with relay.serve("127.0.0.1", 0, context(files.certificate, files.key)) as running:
            trust = trusting(files.certificate)
            async with dial(running, ssl=trust) as socket:
                await until(socket, "session.updated")
        registry.close()
        return running.url

    assert asyncio.run(session()).startswith("wss://127.0.0.1:")


def test_a_relay_over_budget_says_when_to_come_again_until_it_is_not():
    async def knocks():
        async with a_relay() as (running, _):
            await running.refuse(429, retry_after=30)
            refused = await status_of(dial(running))
            await running.refuse(None)
            async with dial(running) as socket:
                await until(socket, "session.updated")
            return refused

    assert asyncio.run(knocks()) == (429, "30")


def test_a_browser_may_bring_its_token_as_a_subprotocol():
    async def knock():
        async with a_relay() as (running, _):
            offers = ["realtime", f"openai-insecure-api-key.{running.mint_token('x')}"]
            async with connect(running.url, subprotocols=offers) as socket:
                await until(socket, "session.updated")
                return socket.subprotocol

    assert asyncio.run(knock()) == "realtime"


def test_the_beta_header_is_refused_as_openai_does():
    async def knock():
        async with a_relay() as (running, _), dial(running, headers={"OpenAI-Beta": "realtime=v1"}) as socket:
            return (await until(socket, "error"))[0]["error"]["code"], await ended(socket)

    assert asyncio.run(knock()) == ("beta_api_shape_disabled", 4000)


def test_a_planned_close_is_announced_as_expiry_and_comes_with_1012():
    async def session():
        async with a_relay(close_after_s=3600) as (running, _), dial(running) as long:
            far = (await until(long, "session.updated"))[-1]["session"]["expires_at"]
            running.lifetime_s = 0.01
            async with dial(running) as short:
                near = (await until(short, "session.updated"))[-1]["session"]["expires_at"]
                return far - near, await ended(short)

    difference, code = asyncio.run(session())
    assert 3590 <= difference <= 3600
    assert code == 1012


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (lambda running: running.close_all(1012), 1012),
        (lambda running: running.close_all(None), 1005),
        (lambda running: running.hang_up(), None),
        (lambda running: running.cut(), None),
    ],
    ids=["1012", "no-code", "no-close-frame", "cut"],
)
def test_a_relay_closes_in_all_the_ways_that_hosted_ones_do(trouble, code):
    async def session():
        async with a_relay() as (running, _), dial(running) as socket:
            await until(socket, "session.updated")
            _, seen = await asyncio.gather(trouble(running), ended(socket))
            return seen

    assert asyncio.run(session()) == code


def test_a_relay_that_ends_closes_its_devices_with_1001():
    async def session():
        async with a_relay() as (running, _):
            socket = await dial(running)
            await until(socket, "session.updated")
        return await ended(socket)

    assert asyncio.run(session()) == 1001


def test_a_device_that_leaves_while_its_tutor_is_being_reached_is_let_go():
    async def session():
        reached, given_up = asyncio.Event(), asyncio.Event()

        async def slow(_caller):
            reached.set()
            try:
                await asyncio.Event().wait()
            finally:
                given_up.set()

        async with a_relay(slow) as (running, _):
            async with dial(running):
                await reached.wait()
            await given_up.wait()

    asyncio.run(session())
