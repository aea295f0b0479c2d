"""The command, as a person runs it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from agent.relay.cli import main
from agent.relay.registry import Registry

RUN = "import sys; from agent.relay.cli import main; sys.exit(main())"  # what the installed command does


@pytest.fixture
def registry(tmp_path):
    return str(tmp_path / "tokens.sqlite")


def issued(registry, device, capsys, *options):
    assert main(["token", "issue", "--registry", registry, "--device", device, *options]) == 0
    return capsys.readouterr().out.strip()


def listed(registry, capsys):
    assert main(["token", "list", "--registry", registry]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_token_is_shown_once_and_listed_without_its_secret(registry, capsys):
    token = issued(registry, "corner-7", capsys)
    (line,) = listed(registry, capsys)
    assert "corner-7" in line
    assert line.endswith("valid")
    assert token.split("_")[2] not in line


def test_a_device_with_a_valid_token_is_given_another_only_on_purpose(registry, capsys):
    issued(registry, "corner-7", capsys)
    assert main(["token", "issue", "--registry", registry, "--device", "corner-7"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("--device: found 'corner-7', which has a valid token; expected one without; or `rotate`")
    assert told.err.count("\n") == 1
    issued(registry, "corner-7", capsys, "--again")
    assert len(listed(registry, capsys)) == 2
    main(["token", "revoke", "--registry", registry, "--device", "corner-7"])
    issued(registry, "corner-7", capsys)


def test_programs_are_told_how_each_token_and_each_rotation_stands(registry, capsys):
    token = issued(registry, "corner-7", capsys)
    with closing(Registry(Path(registry))) as there:
        there.rotations.came_with([token.split("_")[1]])
    assert main(["token", "rotate", "--registry", registry, "--device", "corner-7", "--overlap", "0.5"]) == 0
    issued(registry, "corner-8", capsys)
    assert main(["token", "list", "--json", "--registry", registry]) == 0
    seven, eight = json.loads(capsys.readouterr().out)
    assert (seven["device"], seven["rotation"]["state"]) == ("corner-7", "wanted")
    assert (eight["device"], eight["rotation"]) == ("corner-8", None)
    assert [(one["id"], one["valid"], bool(one["used"])) for one in seven["tokens"]] == [
        (token.split("_")[1], True, True)
    ]
    assert main(["token", "list", "--json", "--registry", registry, "--device", "corner-8"]) == 0
    assert json.loads(capsys.readouterr().out) == [eight]


def test_tokens_are_revoked_by_device_or_one_by_one(registry, capsys):
    old, _ = issued(registry, "corner-7", capsys), issued(registry, "corner-7", capsys, "--again")
    assert main(["token", "revoke", "--registry", registry, "--token", old.split("_")[1]]) == 0
    assert sorted(line.split()[-1] == "valid" for line in listed(registry, capsys)) == [False, True]
    assert main(["token", "revoke", "--registry", registry, "--device", "corner-7"]) == 0
    assert not [line for line in listed(registry, capsys) if line.endswith("valid")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["token", "issue", "--registry", "{registry}"], "--device: found nothing; expected the id of a device"),
        (
            ["token", "revoke", "--registry", "{registry}", "--device", "x"],
            "--device: found 'x'; expected a device with",
        ),
        (["token", "revoke", "--registry", "{registry}", "--token", "x"], "--token: found no such token, or a revoked"),
        (["token", "rotate", "--registry", "{registry}"], "--device: found nothing; expected the id of a device"),
        (
            ["token", "rotate", "--registry", "{registry}", "--device", "x"],
            "--device: found 'x'; expected a device that has come with",
        ),
        (
            ["token", "rotate", "--registry", "{registry}", "--device", "x", "--overlap", "-1"],
            "--overlap: found '-1'; expected hours from 0 to 8760",
        ),
        (
            ["token", "rotate", "--registry", "{registry}", "--device", "x", "--overlap", "soon"],
            "--overlap: found 'soon'; expected hours",
        ),
        (
            ["serve", "--registry", "{registry}", "--tls-key", "/nowhere/key"],
            "--tls-certificate: found nothing; expected the file that belongs to /nowhere/key",
        ),
        (["token", "list", "--registry", "/nowhere/tokens"], "/nowhere/tokens: found a file that can not be used"),
        (["health", "--registry", "/nowhere/tokens"], "/nowhere/tokens: found a file that can not be used"),
        (["serve"], "--registry: found nothing; expected the path"),
        (["serve", "--registry", "{registry}", "--port", "x"], "--port: found 'x'; expected a port"),
        (["serve", "--registry", "{registry}", "--tutor", "openai"], "OPENAI_API_KEY: found nothing"),
        (["serve", "--registry", "{registry}", "--host", "192.0.2.1"], "--host 192.0.2.1 --port 8765: found"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments, message, registry, capsys, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert main([argument.format(registry=registry) for argument in arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith(message)
    assert told.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_relay_that_is_told_to_stop_closes_its_devices_with_1001_and_exits_0(number, registry, capsys):
    token = issued(registry, "corner-7", capsys)
    command = [sys.executable, "-c", RUN, "serve", "--port", "0", "--registry", registry]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as relay:
        url = relay.stdout.readline().split()[-1]

        async def device():
            async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
                await socket.recv()
                os.kill(relay.pid, number)
                with pytest.raises(ConnectionClosed) as closed:
                    [await socket.recv() for _ in range(9)]
                return closed.value.rcvd.code

        assert asyncio.run(device()) == 1001
        assert relay.wait() == 0


def test_a_token_that_is_revoked_by_another_command_puts_its_device_out_within_seconds(registry, capsys):
    token = issued(registry, "corner-7", capsys)
    command = [sys.executable, "-c", RUN, "serve", "--port", "0", "--registry", registry]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as relay:
        url = relay.stdout.readline().split()[-1]

        async def device():
            async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
                await socket.recv()
                assert main(["token", "revoke", "--registry", registry, "--device", "corner-7"]) == 0
                with pytest.raises(ConnectionClosed) as closed:
                    [await socket.recv() for _ in range(9)]
                return closed.value.rcvd.code

        assert asyncio.run(asyncio.wait_for(device(), 10)) == 4401
        relay.terminate()


def served_once(registry, token, *messages):
    """Let a device in, have it say this, and end the relay."""
    command = [sys.executable, "-c", RUN, "serve", "--port", "0", "--registry", registry]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as relay:
        url = relay.stdout.readline().split()[-1]

        async def device():
            async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
                while json.loads(await socket.recv())["type"] != "device.health.request":
                    pass
                for message in messages:
                    await socket.send(json.dumps(message))

        asyncio.run(device())
        relay.terminate()
        assert relay.wait() == 0


def test_what_devices_tell_of_their_health_is_one_table_the_worst_first(registry, capsys):
    token = issued(registry, "corner-7", capsys)
    issued(registry, "corner-8", capsys)
    health = {"score": 71, "link": {"since_s": 11_520}, "reasons": ["the supply sags"]}
    served_once(registry, token, {"type": "device.health", "health": health})

    assert main(["health", "--registry", registry]) == 0
    _, never, well = capsys.readouterr().out.splitlines()
    assert "corner-8" in never
    assert "never" in never
    for told in ("corner-7", "71", "3 h 12 min", "the supply sags"):
        assert told in well
    assert main(["health", "--registry", registry, "--json"]) == 0
    told = capsys.readouterr().out
    assert [(row["device"], row["health"]) for row in json.loads(told)] == [("corner-8", None), ("corner-7", health)]
    assert token.split("_")[2] not in told


def test_without_devices_there_is_a_line_that_says_how_to_make_one(registry, capsys):
    assert main(["health", "--registry", registry]) == 0
    assert "`token issue`" in capsys.readouterr().out
