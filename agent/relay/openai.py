"""The real tutor: OpenAI's Realtime service, GA dialect. The key stays here; devices never see it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from agent.errors import BadInput
from agent.relay.conversation import Event
from agent.relay.settings import RelaySettings
from agent.relay.tutors import Caller, Tutor, TutorFactory, TutorGone
from agent.relay.wire import LIMITS, QUIET, parsed

OPEN_TIMEOUT_S = 10.0
"""A service that has not answered by then will not please a waiting child."""

ERROR_CODES = {401: "invalid_api_key", 403: "account_deactivated", 429: "rate_limit_exceeded"}
"""What an HTTP refusal means, in the codes devices know; anything else is `server_error`."""


class OpenAITutor:
    """A session upstream."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, event: object) -> None:
        """Pass it on as it is."""
        try:
            await self._socket.send(json.dumps(event))
        except ConnectionClosed as closed:
            raise _gone(closed) from None

    async def receive(self) -> Event:
        """Whatever the service says; what is not a JSON object is passed over."""
        while True:
            try:
                event = parsed(await self._socket.recv())
            except ConnectionClosed as closed:
                raise _gone(closed) from None
            if isinstance(event, dict):
                return event

    async def close(self) -> None:
        """Leave politely."""
        await self._socket.close(1000)


def openai(settings: RelaySettings) -> TutorFactory:
    """
    The real service, as the settings name it.

    Raises:
        BadInput: If there is no OPENAI_API_KEY.

    """
    if settings.openai_api_key is None:
        raise BadInput("OPENAI_API_KEY", "nothing", "the key of an OpenAI project, in the relay's environment")
    url = f"{settings.openai_url}?{urlencode({'model': settings.model})}"
    headers = {"Authorization": f"Bearer {settings.openai_api_key.get_secret_value()}"}

    async def dial(caller: Caller) -> Tutor:
        del caller  # the instructions are bilingual: the model follows the child, not the settings
        try:
            socket = await connect(url, additional_headers=headers, open_timeout=OPEN_TIMEOUT_S, logger=QUIET, **LIMITS)
        except InvalidStatus as refused:
            code = ERROR_CODES.get(refused.response.status_code, "server_error")
            raise TutorGone(1013, code) from None
        except (OSError, InvalidHandshake, InvalidURI, EOFError):
            raise TutorGone(1013, "server_error") from None
        return OpenAITutor(socket)

    return dial


def _gone(closed: ConnectionClosed) -> TutorGone:
    """Codes that can be passed on are: 1005 and 1006 only say that there was none."""
    code = closed.rcvd.code if closed.rcvd is not None else 1011
    return TutorGone(code if code in (1000, 1001, 1008, 1011, 1012, 1013) or 3000 <= code < 5000 else 1011)
