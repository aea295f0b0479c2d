"""What ends a speaker's wait early, real or simulated."""

from __future__ import annotations

import os
import select

from agent.units import Seconds


class EventWake:
    """
    A `Wake` made of one Linux eventfd.

    Beside it is a flag of Python's, so that clearing what is not set, which is done a hundred times a second, asks the
    kernel nothing. It is raised after the descriptor and lowered before it: who comes in between clears once too often.
    """

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._may_be_set = False

    def fileno(self) -> int:
        """Readable while the flag is set; -1 when closed."""
        return self._descriptor

    def set(self) -> None:
        """Set the flag. Threads: any; never blocks. Raises ValueError when closed."""
        os.eventfd_write(self._descriptor, 1)
        self._may_be_set = True

    def clear(self) -> bool:
        """Clear the flag; tell whether it was set. Threads: the playout thread only."""
        if not self._may_be_set:
            return False
        self._may_be_set = False
        try:
            return os.eventfd_read(self._descriptor) > 0
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Let go of the descriptor, after the threads have ended; closing twice is fine."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def until_woken(descriptor: int, longest: Seconds) -> bool:
    """Block until the descriptor of a `Wake` is readable, up to `longest`; tell whether it is."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(longest * 1000))
