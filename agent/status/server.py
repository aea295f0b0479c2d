"""The socket in the runtime directory on which the agent tells how it is to whoever its group lets in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.health.record import HealthRecord
from agent.status.words import ONCE, WATCH, WATCH_EVERY

MOST_CLIENTS: Final = 4
"""A maintainer, a colleague, a script and one to spare; more would only cost the conversation its processor."""

PATIENCE_S: Final = 5.0
"""How long a client may take to say what it wants, and to take a record: far more than a hung SSH session deserves."""

LONGEST_LINE: Final = 64
"""Bytes of what a client may say; the longest word of ours has five."""

GROUP_ONLY: Final = 0o660
"""Connecting takes the right to write (unix(7)): the service's user and its group have it, nobody else."""

IN_TURN: Final = 8
"""Connections that wait to be accepted; the loop accepts within milliseconds."""


async def serve(path: Path, source: Callable[[], HealthRecord], trouble: Callable[[str], None]) -> None:
    """
    Tell whoever asks, until cancelled; without a socket there is nobody to tell, and the agent goes on.

    Args:
        path: Of the socket. One that a dead agent left is replaced, that of a living one is not.
        source: Gives the record as it is now.
        trouble: Told, once, why there is no socket.

    """
    try:
        listening = _listening(path)
    except OSError as error:
        trouble(f"no status socket: {error.strerror or error}")
        return
    clients = _Clients(source)
    server = await asyncio.start_unix_server(clients.met, sock=listening, limit=LONGEST_LINE)
    try:
        await asyncio.Event().wait()  # `serve_forever` would end only after the last client, who may watch for hours
    finally:
        server.close()
        _remove(path)
        await clients.leave()


def _listening(path: Path) -> socket.socket:
    """Bind under another name and move it into place: at its own name the socket was never open to everybody."""
    if _answers(path):
        raise FileExistsError(0, "another agent is listening there")
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        listening.bind(os.fspath(fresh))
        fresh.chmod(GROUP_ONLY)
        listening.listen(IN_TURN)
        fresh.rename(path)
    except OSError:
        listening.close()
        raise
    return listening


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)  # systemd may have been faster with the whole directory


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as knock:
        try:
            knock.connect(os.fspath(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except BlockingIOError:  # its queue is full: alive, if not well
            return True
    return True


class _Clients:
    """Whoever is connected, each with a task of its own, so that none waits for another."""

    def __init__(self, source: Callable[[], HealthRecord]) -> None:
        self._source = source
        self._talking: set[asyncio.Task[None]] = set()

    def met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let one in, or hang up when there are enough."""
        if len(self._talking) >= MOST_CLIENTS:
            writer.transport.abort()
            return
        talking = asyncio.get_running_loop().create_task(self._talk(reader, writer), name="status client")
        self._talking.add(talking)
        talking.add_done_callback(self._talking.discard)

    async def leave(self) -> None:
        """Hang up on everybody."""
        for talking in self._talking:
            talking.cancel()
        if self._talking:
            await asyncio.wait(self._talking)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Nothing is written while something is unread: one record is all that a client can make us keep.
        writer.transport.set_write_buffer_limits(high=0)
        try:
            with contextlib.suppress(OSError):  # gone, or too slow (TimeoutError)
                wish = await _wish(reader)
                if wish in (ONCE, WATCH):
                    await self._tell(writer)
                while wish == WATCH:
                    await asyncio.sleep(WATCH_EVERY)
                    await self._tell(writer)
        finally:
            writer.transport.abort()  # what was not read in time is not read any more

    async def _tell(self, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps(self._source().as_json(), separators=(",", ":")).encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            await writer.drain()


async def _wish(reader: asyncio.StreamReader) -> str:
    """What a client says first; empty for anything that is not a short line."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            return (await reader.readline()).decode().strip()
        except ValueError:
            return ""
