"""The relay as a WebSocket server: lets devices in, opens tutors, forwards and closes; logs numbers, never content."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import ssl
import time
import traceback
import weakref
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import NoReturn

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from agent.link.health import request
from agent.link.rotation import is_receipt
from agent.relay import door, farewell
from agent.relay.dialogue import Dialogue
from agent.relay.health import ASK_EVERY, Reports, is_report
from agent.relay.levers import Levers
from agent.relay.registry import Grant, Registry
from agent.relay.rounds import Guest, Rounds
from agent.relay.settings import RelaySettings
from agent.relay.tutors import Caller, TutorFactory, TutorGone
from agent.relay.wire import LIMITS, QUIET, first_of, parsed
from agent.units import Seconds

MOST_DEVICES = 1000
"""Connections at once; one more is told to come again. A process on two cores is busy long before that."""

COME_AGAIN_S = 30
"""Seconds after which a device may try a full relay again."""

SESSION_S = 3600
"""The service's own cap on a session (GA documentation)."""

log = logging.getLogger(__name__)


class Relay:
    """
    Settings, tutors and tokens of a relay; `serve` makes it run, as often as wanted.

    With `reports` it asks each device for its health and keeps what they tell; without, it asks nobody.
    """

    def __init__(
        self, settings: RelaySettings, tutors: TutorFactory, registry: Registry, reports: Reports | None = None
    ) -> None:
        self._settings, self._tutors, self._registry, self._reports = settings, tutors, registry, reports

    @asynccontextmanager
    async def serve(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Running]:
        """
        Listen, port 0 for any free one, with TLS if there is a context for it; on leaving, close devices with 1001.

        Whoever shares the registry with another process lets `rounds` run meanwhile.

        Raises:
            OSError: If the address can not be listened on.

        """
        running = Running(self._settings, self._tutors, self._registry, self._reports)
        server = await serve(
            running.converse,
            host,
            port,
            process_request=running.admit,
            select_subprotocol=door.choose,
            logger=QUIET,
            server_header=None,
            ssl=tls,
            **LIMITS,
        )
        running.url = _url("wss" if tls else "ws", host, next(iter(server.sockets)).getsockname()[1])
        async with self._reports.kept() if self._reports else nullcontext():
            try:
                yield running
            finally:
                server.close(code=1001)
                await server.wait_closed()


class Running(Levers):
    """A relay that listens at `url`, its rounds, and the levers that a simulator pulls."""

    def __init__(
        self, settings: RelaySettings, tutors: TutorFactory, registry: Registry, reports: Reports | None
    ) -> None:
        super().__init__(settings.close_after_s)
        self.url = ""
        self._settings, self._tutors, self._registry, self._reports = settings, tutors, registry, reports
        self._beta = settings.dialect == "beta"
        self._grants: weakref.WeakKeyDictionary[ServerConnection, Grant] = weakref.WeakKeyDictionary()
        self._guests: dict[ServerConnection, Guest] = {}
        self.rounds = Rounds(registry, self._guests.values, _now)

    def mint_token(self, device_id: str) -> str:
        """A new token for a device, this once."""
        return self._registry.issue(device_id)

    def admit(self, socket: ServerConnection, request: Request) -> Response | None:
        """Judge an upgrade request: None lets it through."""
        with _bugs_told("the door"):
            answer = self.refusal or door.admit(request, self._registry, self._settings.query_token)
        if isinstance(answer, Grant) and len(self.sockets) >= MOST_DEVICES:
            answer = door.Refusal(503, COME_AGAIN_S)
        if isinstance(answer, door.Refusal):
            log.info("refused an upgrade: %d", answer.status)
            return door.response(answer)
        self._grants[socket] = answer
        return None

    async def converse(self, socket: ServerConnection) -> None:
        """One device's connection, from upgrade to close."""
        grant = self._grants[socket]
        guest = Guest(grant, _pseudonym(grant.device_id), _now(), asyncio.get_running_loop().create_future())
        log.info("device %s: in", guest.name)
        self.sockets.add(socket)
        self._guests[socket] = guest
        try:
            with _bugs_told(guest.name):
                await first_of(self._served(socket, guest), self._errands(socket, guest), _put_out(socket, guest))
        except ConnectionClosed:
            log.info("device %s: left, close code %s", guest.name, socket.close_code)
        finally:
            self.sockets.discard(socket)
            del self._guests[socket]

    async def _served(self, socket: ServerConnection, guest: Guest) -> None:
        request = socket.request
        if request is None or (not self._beta and door.asks_for_beta(request)):
            await farewell.refuse_beta(socket)
            return
        expires_at = int(time.time() + (self.lifetime_s or SESSION_S))
        try:
            tutor = await first_of(self._tutors(Caller(door.language(request), expires_at)), _left(socket))
            dialogue = Dialogue(tutor, beta=self._beta, session_expires_at=expires_at if self.lifetime_s else None)
            try:
                await dialogue.configure(self._settings.session())
                up, down = self._up(socket, guest, dialogue), self._down(socket, guest, dialogue)
                await first_of(up, down, self._planned_close(socket))
            finally:
                log.info("device %s: %s", guest.name, dialogue.counts)
                await dialogue.close()
        except TutorGone as gone:
            log.warning("device %s: %s", guest.name, gone)
            await farewell.pass_on(socket, gone)

    async def _up(self, socket: ServerConnection, guest: Guest, dialogue: Dialogue) -> NoReturn:
        while True:
            message = await socket.recv()
            event = parsed(message)
            if is_receipt(event):
                self.rounds.receipt(guest, event.get("token_id"))
            elif self._reports and is_report(event):
                device_id = guest.grant.device_id
                dialogue.counts.reported(self._reports.take(device_id, event, len(message), int(time.time())))
            else:
                await dialogue.send(event)

    async def _down(self, socket: ServerConnection, guest: Guest, dialogue: Dialogue) -> NoReturn:
        while True:
            event = await dialogue.receive()
            await self.flowing()
            await socket.send(json.dumps(event))
            if event.get("type") == "session.updated" and not guest.is_settled:
                guest.is_settled = True  # no device has to expect anything else before its session
                if self._reports:
                    guest.errands.put_nowait(json.dumps(request(ASK_EVERY)))

    async def _errands(self, socket: ServerConnection, guest: Guest) -> NoReturn:
        while True:
            message = await guest.errands.get()
            await self.flowing()
            await socket.send(message)

    async def _planned_close(self, socket: ServerConnection) -> NoReturn:
        if self.lifetime_s is not None:
            await asyncio.sleep(self.lifetime_s)
            await socket.close(1012)
        await _left(socket)


async def _put_out(socket: ServerConnection, guest: Guest) -> NoReturn:
    await farewell.put_out(socket, await guest.farewell)
    await _left(socket)


async def _left(socket: ServerConnection) -> NoReturn:
    await socket.wait_closed()
    raise socket.protocol.close_exc


@contextmanager
def _bugs_told(where: str) -> Iterator[None]:
    """Log what and where, not the text of the exception: it may quote a message. The library answers 500 or 1011."""
    try:
        yield
    except ConnectionClosed:
        raise
    except Exception as bug:
        frame = traceback.extract_tb(bug.__traceback__)[-1]
        log.error("%s: %s in %s, line %s", where, type(bug).__name__, frame.filename, frame.lineno)
        raise


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _now() -> Seconds:
    return Seconds(asyncio.get_running_loop().time())


def _pseudonym(device_id: str) -> str:
    """Tells devices apart in a log without naming them."""
    return hashlib.sha256(device_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
