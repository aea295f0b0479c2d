"""What runs together ends together, for the reason of whoever ends first."""

import asyncio
import gc
import threading

import pytest

from agent.life import Life, tidy
from tests.clock import jumping

PATIENCE_S = 10.0
"""How long a test waits before it fails; nothing is measured."""


class Torn(Exception):
    pass


async def for_ever():
    await asyncio.Event().wait()


async def torn():
    raise Torn


async def returns():
    pass


def test_parts_run_until_the_end_and_are_cancelled_then():
    ends = []

    async def part():
        try:
            await for_ever()
        finally:
            ends.append("part")

    async def whole():
        life = Life()
        asyncio.get_running_loop().call_later(1, life.end)
        await asyncio.wait_for(life.live([part, returns], {}, lambda: None), PATIENCE_S)

    asyncio.run(whole())
    assert ends == ["part"]


def test_a_part_that_raises_ends_all_with_its_error():
    async def whole():
        await asyncio.wait_for(Life().live([for_ever, torn], {}, lambda: None), PATIENCE_S)

    with pytest.raises(Torn):
        asyncio.run(whole())


def test_a_step_that_raises_ends_all_with_its_error():
    def step():
        raise Torn

    async def whole():
        await asyncio.wait_for(Life().live([for_ever], {"torn": step}, lambda: None), PATIENCE_S)

    with pytest.raises(Torn):
        asyncio.run(whole())


def test_what_a_thread_has_done_on_the_loop_is_done_there_and_ends_all_if_it_raises():
    told = []

    def fails():
        raise Torn

    def report(number):
        told.append((number, threading.current_thread() is threading.main_thread()))

    async def whole():
        life = Life()
        begun = threading.Event()

        def step():
            if not begun.is_set():
                begun.set()
                life.on_loop(report, 7)
                life.on_loop(fails)

        await asyncio.wait_for(life.live([for_ever], {"tells": step}, lambda: None), PATIENCE_S)

    with pytest.raises(Torn):
        asyncio.run(whole())
    assert told == [(7, True)]


def test_who_ends_first_is_the_reason():
    async def whole():
        life = Life()
        life.end()
        life.end(Torn())
        await asyncio.wait_for(life.live([for_ever], {}, lambda: None), PATIENCE_S)

    asyncio.run(whole())


def test_garbage_is_collected_at_quiet_moments_only():
    collected = []

    def note(phase, _info):
        collected.append((phase, asyncio.get_running_loop().time()))

    async def whole():
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(tidy(60, lambda: loop.time() > 100))
        gc.callbacks.append(note)
        gc.disable()
        try:
            await asyncio.sleep(150)
        finally:
            gc.enable()
            gc.callbacks.remove(note)
            task.cancel()
            await asyncio.wait([task])

    jumping(whole())
    assert [at for phase, at in collected if phase == "start"] == [120]
