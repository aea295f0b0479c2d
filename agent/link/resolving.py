"""Names looked up where nobody has to wait for them: asyncio waits for its own look-ups before a process may end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

from agent.units import Seconds

Look = Callable[[str | bytes | None, str | bytes | int | None, int, int, int, int], list[Any]]
"""`socket.getaddrinfo`, or what stands in for it."""


PATIENCE: Final = Seconds(8.0)
"""The C library asks each name server twice for 5 s (resolv.conf(5)), which a dial of 10 s would cut short without
knowing that it was the name that nobody found."""


class ResolvingLoop(asyncio.SelectorEventLoop):
    """
    An event loop whose look-ups can be left behind.

    Where a school's network swallows DNS, `getaddrinfo` takes 10 s and more and can not be stopped. asyncio's own
    threads are waited for when the loop closes and again when the interpreter ends: 9.3 s from SIGTERM to the end
    (measured with 12 s a look-up), where the agent has two. These are daemons: nobody waits for them.

    Args:
        look: Looks a name up; blocks.
        patience: How long a look-up may take.

    """

    def __init__(self, look: Look = socket.getaddrinfo, patience: Seconds = PATIENCE) -> None:
        super().__init__()
        self._look, self._patience = look, patience

    async def getaddrinfo(
        self,
        host: str | bytes | None,
        port: str | bytes | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - asyncio calls it so
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Look a name up, as the loop's own method does."""
        answer: asyncio.Future[list[Any]] = self.create_future()

        def tell(found: list[Any] | Exception) -> None:
            if answer.done():
                return
            if isinstance(found, Exception):
                answer.set_exception(found)
            else:
                answer.set_result(found)

        def look() -> None:
            found: list[Any] | Exception
            try:
                found = self._look(host, port, family, type, proto, flags)
            except (OSError, UnicodeError) as trouble:
                found = trouble
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self.call_soon_threadsafe(tell, found)

        threading.Thread(target=look, name="name look-up", daemon=True).start()
        try:
            async with asyncio.timeout(self._patience):
                return await answer
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, "no name server answers") from None
