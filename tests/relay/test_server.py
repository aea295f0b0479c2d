"""The relay converses over real sockets on loopback. Nothing here waits for time: only for what the other end does."""

from __future__ import annotations

import asyncio
import logging

from agent.relay.health import Reports
from agent.relay.registry import Registry
from agent.relay.server import Relay
from agent.relay.settings import RelaySettings
from agent.relay.tutors import TutorGone, scripted
from tests.relay.loopback import a_relay, dial, ended, tell, until
from tests.relay.talking import CLEAR, COMMIT, CREATE, append, types


def test_a_device_is_let_in_configured_and_answered():
    async def lesson():
        async with a_relay() as (running, _), dial(running) as socket:
            opening = await until(socket, "session.updated")
            await tell(socket, append(), COMMIT, CREATE)
            return opening, await until(socket, "response.output_audio.delta")

    opening, turn = asyncio.run(lesson())
    assert types(opening) == ["session.created", "session.updated"]
    assert "input_audio_buffer.committed" in types(turn)


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
