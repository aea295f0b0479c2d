"""What both sockets of the relay share: limits, silence in the log, and messages as JSON."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from typing import Any, NoReturn, TypedDict, TypeVar

T = TypeVar("T")

MAX_MESSAGE_BYTES = 8 * 2**20
"""Half a minute of speech in one event, and far more than any delta; the library's 1 MiB was met in the field."""

PING_S = 20.0
"""Load balancers cut what is silent for a minute; half-open links are found within two pings."""


class Limits(TypedDict):
    """Options that `connect` and `serve` share."""

    compression: None
    max_size: int
    ping_interval: float
    ping_timeout: float
    close_timeout: float


LIMITS = Limits(
    compression=None,  # audio in base64 costs more CPU than it saves bytes
    max_size=MAX_MESSAGE_BYTES,
    ping_interval=PING_S,
    ping_timeout=PING_S,
    close_timeout=1.0,  # seconds: who does not answer a close is left alone
)

QUIET = logging.Logger("websockets of the relay", logging.CRITICAL + 1)  # noqa: LOG001 -- nobody may configure it
"""The library writes messages and request lines into its log: speech, and tokens. This one writes nothing."""


def parsed(message: str | bytes) -> Any:  # noqa: ANN401 -- whatever the wire brought
    """A message as JSON; None if it is not JSON, or nested beyond reason."""
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None


async def first_of(wanted: Coroutine[Any, Any, T], *others: Coroutine[Any, Any, NoReturn]) -> T:
    """What the first of them to end returns or raises; the rest is cancelled and waited for."""
    tasks: list[asyncio.Task[T]] = [asyncio.ensure_future(one) for one in (wanted, *others)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return next(task.result() for task in tasks if not task.cancelled())
