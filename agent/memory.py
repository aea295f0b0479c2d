"""Memory that stays where it is, whatever another program asks for."""

from __future__ import annotations

import ctypes
import resource

CURRENT, FUTURE, ON_FAULT = 1, 2, 4
"""`MCL_*` of `<sys/mman.h>`, the same on x86 and Arm (mlockall(2)): of every page from its first use on, so that the
megabytes of stacks and libraries that are mapped and never touched take none."""


def lock_pages() -> None:
    """
    Keep what this process uses of its memory from being taken back by the kernel, if that can be had.

    A machine whose memory somebody else eats up takes the pages of programs back, which are on its disk after all, and
    reads them again from there, until it is desperate enough to kill somebody. On the emulated Pi the agent stood still
    meanwhile, for longer than its watchdog waits.

    Not with a limit, as a user's shell has: whatever is mapped beyond it would be refused, to anybody at any time.
    """
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != resource.RLIM_INFINITY:
        return
    ctypes.CDLL(None).mlockall(CURRENT | FUTURE | ON_FAULT)
