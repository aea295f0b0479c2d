"""The relay over real sockets on loopback. Nothing here waits for time: only for what the other end does."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from functools import partial

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agent.link.dialler import dialler
from agent.link.rotating import rotating
from agent.link.token import keep_token
from agent.link.trust import trusting
from agent.relay.health import Reports
from agent.relay.registry import Registry
from agent.relay.rotations import State
from agent.relay.server import Relay
from agent.relay.settings import RelaySettings
from agent.relay.tls import context
from agent.relay.tutors import TutorGone, scripted
from agent.settings import Settings
from agent.units import Seconds
from tests.certificates import certificate
from tests.relay.talking import CLEAR, COMMIT, CREATE, append, types


@asynccontextmanager
async def a_relay(tutors=None, **settings):
    registry = Registry()
    try:
        async with Relay(RelaySettings(**settings), tutors or scripted(), registry).serve("127.0.0.1", 0) as running:
            yield running, registry
    finally:
        registry.close()


def dial(running, token=None, query="?device_id=d&school_id=s&language=es-PR&grade=2", **options):
    headers = {"Authorization": f"Bearer {token or running.mint_token('corner-7')}", **options.pop("headers", {})}
    return connect(running.url + "/" + query, additional_headers=headers, compression=None, **options)


async def until(socket, kind):
    events = []
    while not events or events[-1]["type"] != kind:
        events.append(json.loads(await socket.recv()))
    return events


async def tell(socket, *events):
    for event in events:
        await socket.send(json.dumps(event))


async def ended(socket):
    """The close code as a device sees it, None without a close frame."""
    try:
        while True:
            await socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd and closed.rcvd.code


def test_a_device_is_let_in_configured_and_answered():
    async def lesson():
        async with a_relay() as (running, _), dial(running) as socket:
            opening = await until(socket, "session.updated")
            await tell(socket, append(), COMMIT, CREATE)
            return opening, await until(socket, "response.output_audio.delta")

    opening, turn = asyncio.run(lesson())
    assert types(opening) == ["session.created", "session.updated"]
    assert "input_audio_buffer.committed" in types(turn)


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


def test_a_beta_relay_speaks_beta_even_to_those_who_ask_for_it():
    async def talk():
        async with (
            a_relay(dialect="beta") as (running, _),
            dial(running, headers={"OpenAI-Beta": "realtime=v1"}) as socket,
        ):
            session = (await until(socket, "session.updated"))[-1]["session"]
            await tell(socket, CREATE)
            return session, types(await until(socket, "response.audio.delta"))

    session, kinds = asyncio.run(talk())
    assert session["turn_detection"] is None
    assert "response.output_audio.delta" not in kinds


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


def test_nothing_reaches_a_device_during_a_stall_and_everything_after_it():
    async def session():
        async with a_relay() as (running, _), dial(running) as socket:
            await until(socket, "session.updated")
            await running.stall(3600)
            await tell(socket, CLEAR)
            reader = asyncio.create_task(until(socket, "input_audio_buffer.cleared"))
            await (await socket.ping())  # the relay is alive, and has read the event by now
            silent = not reader.done()
            await running.stall(0)
            return silent, types(await reader)

    assert asyncio.run(session()) == (True, ["input_audio_buffer.cleared"])


def test_messages_that_are_no_events_are_answered_and_the_session_goes_on():
    async def session():
        async with a_relay() as (running, _), dial(running) as socket:
            await until(socket, "session.updated")
            codes = []
            for message in ("{", "[" * 50_000, b"\xff", "5", '{"type": "x"}', '{"type": "\\ud800"}'):
                await socket.send(message)
                codes.append((await until(socket, "error"))[-1]["error"]["code"])
            return codes

    assert asyncio.run(session()) == ["invalid_json"] * 4 + ["invalid_value"] * 2


def test_a_tutor_that_can_not_be_reached_is_told_in_codes_that_devices_know():
    async def nobody(_caller):
        raise TutorGone(1013, "insufficient_quota")

    async def session():
        async with a_relay(nobody) as (running, _), dial(running) as socket:
            return (await until(socket, "error"))[0]["error"]["code"], await ended(socket)

    assert asyncio.run(session()) == ("insufficient_quota", 1013)


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


def test_the_log_tells_numbers_and_no_content(caplog):
    async def session():
        async with a_relay() as (running, _):
            token = running.mint_token("corner-7")
            async with dial(running, token) as socket:
                await until(socket, "session.updated")
                await tell(socket, {"type": "hola-clase"}, append())
                await until(socket, "error")
            return token

    caplog.set_level(logging.DEBUG)
    token = asyncio.run(session())
    relays = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("agent"))
    assert "to_tutor=2" in relays
    for secret in (token, "corner-7", "hola", "school_id", "language"):
        assert secret not in relays
    assert not [r for r in caplog.records if r.name.startswith("websockets.server")]


def test_a_bug_closes_with_1011_and_is_logged_by_name_and_place_without_its_text(caplog):
    async def broken(_caller):
        raise ZeroDivisionError("my name is Ana")

    async def session():
        async with a_relay(broken) as (running, _), dial(running) as socket:
            return await ended(socket)

    assert asyncio.run(session()) == 1011
    (told,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "ZeroDivisionError in " in told
    assert "Ana" not in caplog.text


def test_a_relay_that_keeps_reports_asks_each_device_once_and_keeps_what_is_one(tmp_path, caplog):
    file = tmp_path / "tokens.sqlite"
    report = {"type": "device.health", "event_id": "rc-health-1"}

    async def session(registry):
        token = registry.issue("corner-7")
        relay = Relay(RelaySettings(), scripted(), registry, Reports(file))
        async with relay.serve("127.0.0.1", 0) as running, dial(running, token) as socket:
            opening = await until(socket, "device.health.request")
            garbage = [
                {**report, "health": health} for health in (None, [], {}, {"score": "x"}, {"score": float("nan")})
            ]
            too_large = {**report, "health": {"score": 1, "reasons": ["x" * 20_000]}}
            await tell(socket, *garbage, {**report, "health": {"score": 96}}, too_large, CLEAR)
            after = await until(socket, "input_audio_buffer.cleared")
        return types(opening), opening[-1]["every_s"], types(after)

    caplog.set_level(logging.INFO)
    registry = Registry(file)
    opening, every_s, after = asyncio.run(session(registry))
    registry.close()
    assert opening == ["session.created", "session.updated", "device.health.request"]
    assert every_s == 60
    assert after == ["input_audio_buffer.cleared"], "the tutor got none of it, and the session went on"
    assert [device.record for device in Reports(file).devices()] == [{"score": 96}]
    assert "health_kept=1, health_dropped=6" in caplog.text


def test_a_relay_that_keeps_none_asks_nobody():
    async def session():
        async with a_relay() as (running, _), dial(running) as socket:
            await until(socket, "session.updated")
            await tell(socket, CLEAR)
            return types(await until(socket, "input_audio_buffer.cleared"))

    assert asyncio.run(session()) == ["input_audio_buffer.cleared"]
