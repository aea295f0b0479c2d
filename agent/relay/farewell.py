"""What a device is told before the relay closes on it."""

from __future__ import annotations

import json

from websockets.asyncio.server import ServerConnection

from agent.relay.service import error
from agent.relay.shapes import Refused
from agent.relay.tutors import TutorGone

BETA_REFUSED = 4000
"""The close code OpenAI made up for it."""


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
