"""What a device is told before the relay closes on it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Final

from websockets.asyncio.server import ServerConnection

from agent.relay.service import error
from agent.relay.shapes import Refused
from agent.relay.tutors import TutorGone

BETA_REFUSED = 4000
"""The close code OpenAI made up for it."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """A close code, and the words that go with it."""

    code: int
    reason: str


REVOKED: Final = Farewell(4401, "this token was revoked")
"""As HTTP's 401, in the range that is free for applications (RFC 6455, section 7.4.2): a person has to act."""

SUPERSEDED: Final = Farewell(4000, "superseded by a newer connection of this device")
"""For devices it is as grave as a revoked token: with a code that they try again after, two of them would throw each
other out all day, in the middle of children's sentences. As it is, each rests for minutes and shows that a person has
to act; that person finds in `token list` which device it is."""

POLITENESS_S: Final = 2.0
"""The close frame may wait behind a reply that the network does not take, or whose reader is in no hurry to go."""


async def put_out(socket: ServerConnection, farewell: Farewell) -> None:
    """Say it, and end the connection within `POLITENESS_S` whatever the other end does."""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLITENESS_S):
                await socket.close(farewell.code, farewell.reason)
    finally:
        socket.transport.abort()


async def refuse_beta(socket: ServerConnection) -> None:
    """As OpenAI does since 2026-05-12 (langwatch/scenario#602): an error as the first message, then the close."""
    await _tell(socket, "beta_api_shape_disabled", "The Realtime Beta API is no longer supported.")
    await socket.close(BETA_REFUSED, "invalid_request_error.beta_api_shape_disabled")


async def pass_on(socket: ServerConnection, gone: TutorGone) -> None:
    """Why there is no tutor, in the codes of the service, and its close code."""
    if gone.error_code:
        await _tell(socket, gone.error_code, "The tutor can not be reached.")
    await socket.close(gone.close_code)


async def _tell(socket: ServerConnection, code: str, message: str) -> None:
    await socket.send(json.dumps({"event_id": "event_relay", **error(Refused(code, message), None)}))
