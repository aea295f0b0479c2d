"""Who may come in: the device's token, wherever a client can put one, and what the relay says at the door."""

from __future__ import annotations

import http
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from agent.relay.device_token import PREFIX
from agent.relay.registry import Grant, Registry

BETA_SUBPROTOCOL = "openai-beta.realtime-v1"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status instead of an upgrade; `retry_after` in whole seconds, None to leave that open."""

    status: int
    retry_after: int | None = None


def admit(request: Request, registry: Registry, query_token: str) -> Grant | Refusal:
    """The grant behind the token of an upgrade request, or the refusal."""
    token = offered(request, query_token)
    grant = registry.find(token) if token else None
    if grant is None:
        return Refusal(http.HTTPStatus.UNAUTHORIZED)
    return grant if grant.is_valid else Refusal(http.HTTPStatus.FORBIDDEN)


def offered(request: Request, query_token: str) -> str:
    """The token of a request: from its Authorization header, its query or its subprotocols; empty if there is none."""
    for value in request.headers.get_all("Authorization"):
        scheme, _, token = value.partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
    query = parse_qs(urlsplit(request.path).query)
    if query_token in query:
        return query[query_token][0]
    bearing = (name[name.find(f"{PREFIX}_") :] for name in subprotocols(request) if f"{PREFIX}_" in name)
    return next(bearing, "")


def subprotocols(request: Request) -> list[str]:
    """What the client offered, in its order."""
    lines = request.headers.get_all("Sec-WebSocket-Protocol")
    return [name.strip() for line in lines for name in line.split(",")]


def choose(_socket: ServerConnection, offers: Sequence[Subprotocol]) -> Subprotocol | None:
    """The subprotocol to agree on: the first that carries no token."""
    return next((name for name in offers if f"{PREFIX}_" not in name), None)


def asks_for_beta(request: Request) -> bool:
    """Whether it asks for the beta dialect, as clients of before 2026-05-12 do."""
    return "OpenAI-Beta" in request.headers or BETA_SUBPROTOCOL in subprotocols(request)


def language(request: Request) -> str:
    """The language a device was set to, "es" or "en": all that is read of what it says about itself."""
    told = parse_qs(urlsplit(request.path).query).get("language", ["es"])[0]
    return "en" if told.lower().startswith("en") else "es"


def response(refusal: Refusal) -> Response:
    """The refusal as HTTP."""
    status = http.HTTPStatus(refusal.status)
    body = f"{status.phrase}\n".encode()
    headers = Headers(Connection="close")
    headers["Content-Length"] = str(len(body))
    headers["Content-Type"] = "text/plain; charset=utf-8"
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    return Response(status.value, status.phrase, headers, body)
