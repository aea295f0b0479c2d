import asyncio
import os
import termios
from contextlib import contextmanager, suppress

import pytest

from agent.simulator.button import FingerButton
from agent.simulator.keyboard import Keyboard
from tests.simulator.stepped import SteppedTime


class Desk:
    """A real pseudo-terminal, a button, and somebody who types."""

    def __init__(self):
        self.fingers, self.terminal = os.openpty()
        self.button = FingerButton(SteppedTime())
        self.levels = []
        self.told = asyncio.Event()
        self.ended = asyncio.Event()
        self.button.watch(self._edge)
        self.keyboard = Keyboard(self.terminal, self.button, self.ended.set)

    def _edge(self, down, at):
        self.levels.append(down)
        self.told.set()

    async def type(self, keys):
        self.told.clear()
        os.write(self.fingers, keys)
        await self.told.wait()

    def modes(self):
        return termios.tcgetattr(self.terminal)[:4]


@contextmanager
def desk():
    desk = Desk()
    try:
        yield desk
    finally:
        os.close(desk.terminal)
        if desk.fingers >= 0:
            os.close(desk.fingers)


def test_space_presses_and_releases_in_turn():
    async def typing():
        with desk() as at, at.keyboard:
            for _ in range(3):
                await at.type(b" ")
            assert at.levels == [True, False, True]
            await at.type(b"x  ")
            assert at.levels == [True, False, True, False, True]

    asyncio.run(typing())


@pytest.mark.parametrize("key", [b"q", b"\x03", b"\x04"], ids=["q", "Ctrl-C", "Ctrl-D"])
def test_q_and_ctrl_c_are_the_end_and_not_a_signal(key):
    async def typing():
        with desk() as at, at.keyboard:
            os.write(at.fingers, key)
            await at.ended.wait()

    asyncio.run(typing())


def test_a_terminal_that_goes_away_is_the_end():
    async def typing():
        with desk() as at, at.keyboard:
            os.close(at.fingers)
            at.fingers = -1
            await at.ended.wait()

    asyncio.run(typing())


def test_keys_need_no_enter_and_are_not_echoed():
    async def typing():
        with desk() as at, at.keyboard:
            await at.type(b" ")
            os.set_blocking(at.fingers, False)
            with pytest.raises(BlockingIOError):
                os.read(at.fingers, 1)

    asyncio.run(typing())


def test_the_terminal_is_put_back_even_when_something_breaks():
    async def breaking():
        with desk() as at:
            before, during = at.modes(), []
            with suppress(ZeroDivisionError), at.keyboard:
                during = at.modes()
                raise ZeroDivisionError
            assert at.modes() == before != during

    asyncio.run(breaking())


def test_what_is_no_terminal_is_left_alone():
    async def piping():
        ear, mouth = os.pipe()
        ended = asyncio.Event()
        os.write(mouth, b"q")
        with Keyboard(ear, FingerButton(SteppedTime()), ended.set):
            await asyncio.sleep(0)
        assert os.read(ear, 1) == b"q"
        assert not ended.is_set()
        os.close(ear)
        os.close(mouth)

    asyncio.run(piping())
