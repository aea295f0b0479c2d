"""
A thread that the event loop can not hold up: it hears the signals, and it looks whether the loop still turns.

Whatever blocks, the process ends when it was asked to. A signal is heard here even if the loop, whose business it is,
never comes round again.
"""

from __future__ import annotations

import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from agent.units import Seconds

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

LEAVE_WITHIN: Final = Seconds(1.8)
"""From the signal to the end, whatever blocks: two seconds are promised, the interpreter needs the rest."""

LOOK: Final = Seconds(1.0)


@contextmanager
def on_guard(asked: Callable[[], None], too_late: Callable[[], None], look: Callable[[], None]) -> Iterator[None]:
    """
    Keep the thread for as long as the context lasts; once a signal was heard, to the end. On the main thread only.

    It takes the process's one wake-up descriptor for signals, which `loop.add_signal_handler` would take away from it.

    Args:
        asked: Called once on the thread, when the process is asked to end by SIGTERM or SIGINT.
        too_late: Called once on the thread when the process is still there `LEAVE_WITHIN` after that: leave.
        look: Called on the thread every second.

    """
    heard, told = socket.socketpair()
    for end in (heard, told):
        end.setblocking(False)
    before = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
    descriptor = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)

    def guard() -> None:
        if _signalled(heard, look):
            asked()
            time.sleep(LEAVE_WITHIN)  # what a process does last, such as waiting for threads, comes after the context
            too_late()

    threading.Thread(target=guard, name="warden", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in before.items():
            signal.signal(number, handler)
        told.close()


def _signalled(heard: socket.socket, look: Callable[[], None]) -> bool:
    """Look again and again; tell whether a signal ended that, or the context."""
    with heard:
        while True:
            if not select.select([heard], [], [], LOOK)[0]:
                look()
            elif not (numbers := heard.recv(64)):
                return False
            elif any(number in SIGNALS for number in numbers):
                return True
