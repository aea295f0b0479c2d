"""The space bar as the button."""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from agent.simulator.button import FingerButton

ENDS = frozenset(b"qQ\x03\x04")
"""q, and what Ctrl-C and Ctrl-D send to a terminal that makes no signals of them."""

Modes = list[int | list[bytes | int]]
"""What `tcgetattr` returns."""

LOCAL_FLAGS = 3
"""Where `tcgetattr` puts the terminal's local modes (POSIX termios, c_lflag)."""


class Keyboard:
    """
    Keys of a terminal, without echo and without Enter; a context manager that puts the terminal back.

    A terminal tells that a key went down but not that it came up, so space toggles: down, up. When the terminal
    is gone that is the end too. Something else than a terminal (a pipe, nothing) is left alone.

    Threads: the event loop only.

    Args:
        descriptor: Of the terminal, as a rule 0.
        button: What space presses and releases.
        end: Called when the student has had enough.

    """

    def __init__(self, descriptor: int, button: FingerButton, end: Callable[[], None]) -> None:
        self._descriptor, self._button, self._end = descriptor, button, end
        self._leaving = ExitStack()

    def __enter__(self) -> Self:
        if os.isatty(self._descriptor):
            self._leaving.callback(self._put_back, termios.tcgetattr(self._descriptor))
            self._make_quiet()
            asyncio.get_running_loop().add_reader(self._descriptor, self._keys)
            self._leaving.callback(self._stop_reading)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.close()

    def _make_quiet(self) -> None:
        # Output processing stays as it is: what is printed meanwhile keeps its line ends.
        quiet = termios.tcgetattr(self._descriptor)
        quiet[LOCAL_FLAGS] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, quiet)

    def _put_back(self, modes: Modes) -> None:
        with suppress(termios.error):  # EIO: the terminal is gone, there is nothing to put back
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, modes)

    def _stop_reading(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)

    def _keys(self) -> None:
        try:
            keys = os.read(self._descriptor, 64)
        except OSError:  # EIO: the other end of the terminal is closed
            keys = b""
        if not keys:
            self._hang_up()
        for key in keys:
            self._press(key)

    def _press(self, key: int) -> None:
        if key in ENDS:
            self._end()
        elif key == ord(" "):
            toggle = self._button.release if self._button.is_down() else self._button.press
            toggle()

    def _hang_up(self) -> None:
        self._stop_reading()
        self._end()
