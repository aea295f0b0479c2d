"""One session on one socket, used once: hand-shake, then read and write until it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from agent.link.backoff import Closed, Failure, Misconfigured, Silent
from agent.link.downlink import Arrival, Downlink
from agent.link.gravity import Gravity, gravity
from agent.link.messages import (
    Append,
    ClientEvent,
    Commit,
    Dialect,
    ManualTurns,
    Remember,
    ServerError,
    ServerEvent,
    SessionCreated,
    SessionUpdated,
)
from agent.link.realtime import Encoder, decode, expires_at, is_manual
from agent.link.transport import DialFailed, LinkClosed, Transport
from agent.link.turns import Turns
from agent.link.uplink import Uplink
from agent.session.memory import Memory
from agent.units import Part, Seconds, Turn

RELAY_SETTLES: Final = Seconds(1.0)
"""How long a relay may take to send its own settings after `session.created`; two round trips over a bad link."""


class Connection:
    """
    A session, from the first event to the close.

    Args:
        transport: Connected.
        uplink: Pulled from as soon as `run` is entered; survives this connection.
        memory: Of what was heard; survives this connection.
        clock: Monotonic.
        arrived: Told what follows from each server event.
        sent: Told the turn whose commit was handed to the socket.

    """

    def __init__(
        self,
        transport: Transport,
        uplink: Uplink,
        memory: Memory,
        clock: Callable[[], Seconds],
        arrived: Callable[[Arrival], None],
        sent: Callable[[Turn], None],
    ) -> None:
        self._downlink = Downlink(turns := Turns(), memory)
        self._turns = turns
        self._expires_at: int | None = None
        self._transport, self._uplink, self._memory, self._clock = transport, uplink, memory, clock
        self._arrived, self._sent = arrived, sent
        self._encoder = Encoder(Dialect.GA)
        self._outbox: deque[ClientEvent] = deque()
        self._something = asyncio.Event()
        self._began = clock()

    @property
    def round_trip(self) -> Seconds | None:
        """As the transport has it."""
        return self._transport.round_trip

    @property
    def lifetime(self) -> Seconds | None:
        """Seconds until the session ends by its own account; None if it does not say so."""
        return None if self._expires_at is None else self._transport.lifetime(self._expires_at)

    async def open(self, patience: Seconds) -> None:
        """
        Agree on manual turns. Whatever comes of it, `close` is the caller's.

        Raises:
            DialFailed: If the far end refuses, is silent for longer than `patience`, or goes away.

        """
        meanwhile: Failure = Silent()
        try:
            async with asyncio.timeout(patience):
                echo = await self._settled()
                if is_manual(echo):
                    return
                await self._write_out(ManualTurns(echo))
                # The relay's own settings may have crossed ours: their echo is not the answer.
                while not is_manual(await self._echo(SessionUpdated)):
                    meanwhile = Misconfigured("turn_detection")
        except TimeoutError:
            raise DialFailed(meanwhile) from None
        except LinkClosed as closed:
            raise DialFailed(self._closed(closed.code, "")) from None

    async def run(self) -> Failure:
        """Seed the conversation, then read and write until the session ends; return how it ended."""
        self._outbox.extend(Remember(one.by_student, one.text) for one in self._memory.heard())
        try:
            async with asyncio.TaskGroup() as both:
                writer = both.create_task(self._write(), name="link writer")
                failure = await self._read()
                writer.cancel()
        finally:
            self._arrived(self._downlink.closed())
        return failure

    def poke(self) -> None:
        """Look at the uplink again: there may be something to send."""
        self._something.set()

    def cancel_reply(self) -> None:
        """Take the reply back that is asked for or running."""
        self._send(self._turns.cancel())

    def silenced(self, heard: Mapping[Part, int]) -> None:
        """Tell the far end what was heard of the parts that were cut (samples at 24 kHz)."""
        self._send(self._turns.silenced(heard))

    async def close(self, code: int = 1000) -> None:
        """End the session; `run` returns, or `open` fails."""
        await self._transport.close(code)

    async def _settled(self) -> Mapping[str, Any]:
        """The session as it is once the relay has set it up; ours, sent earlier, would be undone or undo."""
        echo = await self._echo(SessionCreated)
        if not is_manual(echo):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RELAY_SETTLES):
                    echo = await self._echo(SessionUpdated)
        return echo

    async def _echo(self, kind: type[SessionCreated | SessionUpdated]) -> Mapping[str, Any]:
        while True:
            event = decode(await self._transport.receive())
            if isinstance(event, ServerError):
                raise DialFailed(self._refusal(event))  # no `session.updated` will follow (mastra#16940)
            if isinstance(event, SessionCreated):
                self._encoder = Encoder(event.dialect)
            if isinstance(event, SessionCreated | SessionUpdated):
                self._expires_at = expires_at(event.session) or self._expires_at
            if isinstance(event, kind):
                return event.session

    def _refusal(self, error: ServerError) -> Failure:
        """An error now is about the settings, whatever its code, unless that weighs more or may pass by itself."""
        if gravity(error.code, error.param) in (Gravity.BENIGN, Gravity.CONFIGURATION):
            return Misconfigured(error.code or error.kind)
        return self._closed(None, error.code)

    def _closed(self, code: int | None, last_code: str) -> Failure:
        return Closed(code, last_code, Seconds(self._clock() - self._began))

    async def _read(self) -> Failure:
        try:
            while True:
                self._take_in(decode(await self._transport.receive()))
        except LinkClosed as closed:
            return self._closed(closed.code, self._downlink.last_code)

    def _take_in(self, event: ServerEvent) -> None:
        cause = self._encoder.sent(event.cause) if isinstance(event, ServerError) else None
        follows = self._downlink.arrived(event, self._clock(), cause)
        self._send(follows.answers)
        self._arrived(follows)

    def _send(self, events: Iterable[ClientEvent]) -> None:
        self._outbox.extend(events)
        self._something.set()

    async def _write(self) -> None:
        try:
            while True:
                self._something.clear()
                while event := self._outbox.popleft() if self._outbox else self._uplink.take():
                    await self._write_out(event)
                await self._something.wait()
        except LinkClosed:
            return  # the reader meets the same end behind what came in before it, and says how

    async def _write_out(self, event: ClientEvent) -> None:
        turn = self._uplink.turn
        if isinstance(event, Commit):
            self._downlink.committing(turn, event)
        _, text = self._encoder.encode(event)
        await self._transport.send(text)
        if isinstance(event, Commit) and turn is not None and turn == self._uplink.turn:
            self._send(self._turns.ask(turn))
            self._sent(turn)
        elif isinstance(event, Append):
            await asyncio.sleep(0)  # a backlog must not keep the loop from a press
