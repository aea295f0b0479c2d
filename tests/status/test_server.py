"""Over real sockets. What is sent on one of this kind is there at once, so that time may jump."""

import asyncio
import json
import socket
import stat
from contextlib import asynccontextmanager

import pytest

from agent.status.server import MOST_CLIENTS, serve
from tests.clock import jumping
from tests.status.corner import RECORD

SETTLED_S = 0.001


@asynccontextmanager
async def served(path, source=lambda: RECORD):
    troubles, before = [], asyncio.all_tasks()
    serving = asyncio.create_task(serve(path, source, troubles.append))
    await asyncio.sleep(SETTLED_S)
    try:
        yield troubles
    finally:
        serving.cancel()
        await asyncio.wait([serving])
        assert asyncio.all_tasks() == before


async def ask(path, wish):
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(wish)
    return reader, writer


async def answers(path, wish):
    """Everything that comes until the agent hangs up."""
    reader, writer = await ask(path, wish)
    try:
        return (await reader.read()).decode().splitlines()
    except ConnectionError:  # what it did not read of us is lost
        return []
    finally:
        writer.close()


def lived(story):
    """Run a test, with the path of a socket, on a loop where time jumps."""

    def test(tmp_path):
        jumping(story(tmp_path / "status.sock"))

    test.__name__ = story.__name__
    return test


@lived
async def test_once_is_one_record_as_one_line(path):
    async with served(path):
        (line,) = await answers(path, b"once\n")
    assert json.loads(line) == json.loads(json.dumps(RECORD.as_json()))


@lived
async def test_watch_is_four_records_a_second_as_they_are_then(path):
    scores = iter(range(100))
    async with served(path, lambda: type(RECORD)(**{**_fields(RECORD), "score": next(scores)})):
        reader, writer = await ask(path, b"watch\n")
        begin = asyncio.get_running_loop().time()
        seen = [json.loads(await reader.readline())["score"] for _ in range(9)]
        assert asyncio.get_running_loop().time() - begin == pytest.approx(2.0, abs=0.1)
        assert seen == list(range(9))
        writer.close()


def _fields(record):
    return {name: getattr(record, name) for name in record.__slots__}


@lived
async def test_only_user_and_group_may_open_it_and_at_the_end_it_is_gone(path):
    async with served(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert [left.name for left in path.parent.iterdir()] == ["status.sock"]
    assert list(path.parent.iterdir()) == []


@lived
async def test_what_a_dead_agent_left_is_replaced(path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
    async with served(path) as troubles:
        assert len(await answers(path, b"once\n")) == 1
    assert troubles == []


@lived
async def test_the_socket_of_a_living_agent_is_left_alone(path):
    async with served(path):
        async with served(path) as troubles:
            assert troubles == ["no status socket: another agent is listening there"]
        assert len(await answers(path, b"once\n")) == 1


@lived
async def test_without_a_directory_there_is_no_socket_and_one_line_says_so(path):
    async with served(path.parent / "gone" / "status.sock") as troubles:
        assert troubles == ["no status socket: No such file or directory"]


@pytest.mark.parametrize("wish", [b"hello\n", b"\xff\xfe\n", b"once" * 100_000, b"x" * 65, b"\0"])
def test_garbage_is_hung_up_on(tmp_path, wish):
    path = tmp_path / "status.sock"

    async def story():
        async with served(path):
            assert await answers(path, wish) == []
            assert len(await answers(path, b"once\n")) == 1

    jumping(story())


@lived
async def test_who_says_nothing_and_who_reads_nothing_keep_nobody_waiting_and_are_let_go(path):
    async with served(path):
        mute, its_writer = await ask(path, b"")
        with socket.socket(socket.AF_UNIX) as stuck:
            stuck.connect(str(path))
            stuck.sendall(b"watch\n")
            await asyncio.sleep(1)
            assert len(await answers(path, b"once\n")) == 1
            await asyncio.sleep(3600)
            assert await mute.read() == b""
            its_writer.close()
            kept = 0
            while piece := stuck.recv(2**20):
                kept += len(piece)
            assert kept < 2**20, "what fits the kernel's buffer, and no more"


@lived
async def test_so_many_may_look_at_once_and_one_more_when_one_has_left(path):
    async with served(path):
        watching = [await ask(path, b"watch\n") for _ in range(MOST_CLIENTS)]
        for reader, _ in watching:
            await reader.readline()
        assert await answers(path, b"once\n") == []
        watching[0][1].close()
        await asyncio.sleep(1)
        assert len(await answers(path, b"once\n")) == 1
        for _, writer in watching:
            writer.close()
