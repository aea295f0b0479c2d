"""What may block, done where neither the loop nor the end of the process waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def aside(call: Callable[[], T], name: str) -> T:
    """
    Call it on a thread of its own, called `name`, and wait for what it returns.

    Not asyncio's own threads: those are waited for when the process ends, and a dying SD card can take minutes to
    answer a write.

    Raises:
        Exception: What it raises.

    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(deliver: Callable[[], None]) -> None:
        if not answer.done():
            deliver()

    def body() -> None:
        deliver: Callable[[], None]
        try:
            deliver = partial(answer.set_result, call())
        except Exception as trouble:  # noqa: BLE001 - whatever it is, it is for who waits
            deliver = partial(answer.set_exception, trouble)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, deliver)

    threading.Thread(target=body, name=name, daemon=True).start()
    return await answer
