"""Threads that do one step for ever, stop when told, and do not die in silence; and what disturbs them, kept away."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from agent.errors import AgentError

JOIN_S: Final = 0.4
"""An audio step takes 10 ms, and 200 when its card says nothing; a thread that has not ended after twice that hangs in
a driver. The agent has two seconds to end, of which its farewell to the relay may take 1.3."""


SWITCH_INTERVAL_S: Final = 0.0005
"""How long a thread may keep the interpreter from another: a 10 ms loop beside busy JSON is 0.8 ms late, not 5.3."""


class ThreadHangsError(AgentError):
    """A thread did not end when told: something it called does not return."""


@contextmanager
def repeating(
    steps: Mapping[str, Callable[[], None]], failed: Callable[[BaseException], None], wake: Callable[[], None]
) -> Iterator[None]:
    """
    Run each step over and over on a thread of its own, undisturbed, for as long as the context lasts.

    Args:
        steps: By the name of their thread.
        failed: Told once, on the thread that dies, why it does.
        wake: Called after the threads were told to stop, to end their waits.

    Raises:
        ThreadHangsError: On the way out; all threads were told, and waited for, first.

    """
    stopping = threading.Event()

    def body(step: Callable[[], None]) -> None:
        try:
            while not stopping.is_set():
                step()
        except BaseException as exc:  # noqa: BLE001 - whatever it is, a dead audio thread must end the agent
            failed(exc)

    threads = [threading.Thread(target=body, args=(step,), name=name, daemon=True) for name, step in steps.items()]
    with undisturbed():
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopping.set()
            wake()
            deadline = time.monotonic() + JOIN_S
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))
        if hanging := [thread.name for thread in threads if thread.is_alive()]:
            raise ThreadHangsError(f"still running after {JOIN_S} s: {', '.join(hanging)}")


@contextmanager
def undisturbed() -> Iterator[None]:
    """
    Keep the cyclic collector away and the interpreter's lock short, for as long as the context lasts.

    The collector is the worst stall of an audio thread by far: p99 84 ms of lateness against 8 without it.
    Who uses this collects by hand, when nothing plays.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        sys.setswitchinterval(before)
