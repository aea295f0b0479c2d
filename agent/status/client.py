"""The other end of the status socket: records of a running agent, and in one line each why there are none."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from agent.errors import AgentError

PATIENCE_S: Final = 2.0
"""An agent answers within milliseconds; one that takes seconds hears no button either."""

CHUNK: Final = 65_536
"""Bytes read at once: several records."""

SERVICE: Final = "systemctl status reading-corner"
"""Where to look next."""


class NoAnswer(AgentError):
    """There is no record to be had; the message says why, and what to do."""


class Feed:
    """
    A connection to the agent; a context manager. Gives whole lines, whatever pieces they come in.

    Args:
        path: Of the socket.
        wish: What is asked for, as in `agent.status.words`.

    Raises:
        NoAnswer: If nobody answers there, or not to this user.

    """

    def __init__(self, path: Path, wish: str) -> None:
        self._rest = b""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(PATIENCE_S)
        try:
            self._socket.connect(os.fspath(path))
            self._socket.sendall(f"{wish}\n".encode())
        except OSError as error:
            self._socket.close()
            raise _reason(error, path) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def fileno(self) -> int:
        """What `select` waits for."""
        return self._socket.fileno()

    def newest(self) -> str | None:
        """
        Read once; return the newest whole line of what has come, None if there is none yet.

        Raises:
            NoAnswer: If the agent hung up, or is silent for too long.

        """
        try:
            piece = self._socket.recv(CHUNK)
        except TimeoutError:
            raise NoAnswer(f"the agent is there but does not answer; look: {SERVICE}") from None
        except OSError:
            piece = b""
        if not piece:
            raise NoAnswer(f"the agent hung up: it ends, or too many look at once; look: {SERVICE}")
        *lines, self._rest = (self._rest + piece).split(b"\n")
        return lines[-1].decode() if lines else None

    def next(self) -> str:
        """Wait for a line. Raises NoAnswer."""
        while (line := self.newest()) is None:
            pass
        return line


def _reason(error: OSError, path: Path) -> NoAnswer:
    if isinstance(error, PermissionError):
        return NoAnswer(f"{path} is open to its group only; use sudo, or: sudo usermod -aG reading-corner $USER")
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        return NoAnswer(f"the agent is not running: nobody answers at {path}; look: {SERVICE}")
    return NoAnswer(f"the agent does not answer at {path} ({error.strerror or error}); look: {SERVICE}")
