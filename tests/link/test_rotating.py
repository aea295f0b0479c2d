import asyncio
import threading

import pytest

from agent.link.rotating import rotating
from agent.link.rotation import ROTATED, rotate
from agent.link.transport import LinkClosed
from tests.link.transport import FarEnd, created

TOKENS = {name: f"rct_{name}_0123456789abcdef" for name in ("a", "b", "c")}


def offer(name):
    return rotate(name, TOKENS[name], 1_800_000_000)


class Disk:
    """Keeps tokens, when it may."""

    def __init__(self):
        self.kept, self.told = [], []
        self.trouble = None
        self.is_free = threading.Event()
        self.is_free.set()

    def keep(self, token):
        assert self.is_free.wait(10)
        if self.trouble:
            raise self.trouble
        self.kept.append(token.reveal())


class Device:
    """As many connections as it dials, and somebody who reads each."""

    def __init__(self):
        self.disk, self.far = Disk(), FarEnd()
        self._dial = rotating(self.far.dial, self.disk.keep, self.disk.told.append)
        self.read, self._lines = [], []

    async def dial(self):
        self.near = near = await self._dial()
        self._lines.append((near, asyncio.create_task(self._reader(near))))
        return self.far.sessions[-1]

    async def _reader(self, near):
        while True:
            self.read.append(await near.receive())

    async def leave(self):
        for near, reading in self._lines:
            await near.close(1000)
            with pytest.raises(LinkClosed):
                await reading
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what it waits for is on a thread
            await asyncio.sleep(0.001)


def lived(story):
    """Run a test on a real loop: the disk is on a thread."""

    def test():
        asyncio.run(story())

    test.__name__ = story.__name__
    return test


@lived
async def test_a_new_token_is_kept_and_answered_and_the_session_hears_nothing_of_it():
    here = Device()
    far = await here.dial()
    far.says(offer("a"))
    await until(lambda: far.heard)
    assert here.disk.kept == [TOKENS["a"]]
    assert [(event["type"], event["token_id"]) for event in far.heard] == [(ROTATED, "a")]
    assert here.disk.told == [None]
    assert len(here.read) == 1, "the session's first words"
    near = here.near
    assert (near.round_trip, near.lifetime(0)) == (far.round_trip, far.lifetime(0))
    await near.send('{"type": "response.create"}')
    assert far.types == [ROTATED, "response.create"]
    await here.leave()


@lived
async def test_nothing_is_answered_before_it_is_kept_and_the_session_goes_on_meanwhile():
    here = Device()
    here.disk.is_free.clear()
    far = await here.dial()
    far.says(offer("a"), created())
    await until(lambda: len(here.read) == 2)
    assert far.heard == []
    here.disk.is_free.set()
    await until(lambda: far.heard)
    await here.leave()


@lived
async def test_a_token_that_can_not_be_kept_is_told_and_not_answered():
    here = Device()
    here.disk.trouble = OSError(28, "No space left on device")
    far = await here.dial()
    far.says(offer("a"))
    await until(lambda: here.disk.told)
    here.disk.trouble = None
    far.says(offer("b"))
    await until(lambda: far.heard)
    assert [event["token_id"] for event in far.heard] == ["b"]
    assert [str(trouble) for trouble in here.disk.told] == ["[Errno 28] No space left on device", "None"]
    await here.leave()


@lived
async def test_tokens_are_kept_in_the_order_in_which_they_came():
    here = Device()
    far = await here.dial()
    far.says(offer("a"), offer("b"), offer("c"))
    await until(lambda: len(far.heard) == 3)
    assert here.disk.kept == list(TOKENS.values())
    await here.leave()


@lived
async def test_a_connection_that_was_replaced_brings_tokens_of_the_past():
    here = Device()
    old = await here.dial()
    new = await here.dial()
    new.says(offer("b"))
    await until(lambda: new.heard)
    old.says(offer("a"), created())
    await until(lambda: len(here.read) == 3)
    await here.leave()
    assert here.disk.kept == [TOKENS["b"]]
    assert old.heard == []


@lived
async def test_a_connection_that_ends_meanwhile_takes_no_token_along():
    here = Device()
    here.disk.is_free.clear()
    far = await here.dial()
    far.says(offer("a"), created())
    await until(lambda: len(here.read) == 2)
    far.cut()
    here.disk.is_free.set()
    await here.leave()
    assert here.disk.kept == [TOKENS["a"]]


@lived
async def test_what_is_no_trouble_of_a_disk_is_a_bug_that_is_raised():
    far = FarEnd()
    near = await rotating(far.dial, lambda token: 1 / 0, print)()
    far.sessions[0].says(offer("a"))

    async def session():
        while True:
            far.sessions[0].says(created())
            await near.receive()
            await asyncio.sleep(0)

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(session(), 10)
    await near.close(1000)
