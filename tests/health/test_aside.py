"""Blocking calls that nobody has to wait for."""

import asyncio
import subprocess
import sys
import threading

import pytest

from agent.health.aside import aside


def test_the_answer_comes_from_another_thread():
    assert asyncio.run(aside(lambda: threading.current_thread().name, "reader")) == "reader"


def test_what_it_raises_is_raised_where_it_is_waited_for():
    with pytest.raises(ZeroDivisionError):
        asyncio.run(aside(lambda: 1 // 0, "reader"))


def test_a_call_that_never_returns_keeps_no_process_from_its_end():
    story = """
import asyncio, threading
from agent.health.aside import aside
async def main():
    asyncio.create_task(aside(threading.Event().wait, "stuck"))
    await asyncio.sleep(0)
asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", story], timeout=20, check=False).returncode == 0


def test_an_answer_after_the_end_of_the_loop_is_nobodys():
    may, done = threading.Event(), threading.Event()

    def late():
        may.wait()
        done.set()

    async def leave():
        asyncio.create_task(aside(late, "late"))  # noqa: RUF006 - left behind on purpose
        await asyncio.sleep(0)

    asyncio.run(leave())
    may.set()
    assert done.wait(5)
