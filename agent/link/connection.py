"""One session on one socket, used once: hand-shake, then read and write until it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from agent.link.backoff import Closed, Failure, Misconfigured, Silent
from agent.link.downlink import Arrival, Downlink
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
        self.downlink = Downlink(turns := Turns(), memory)
        self.expires_at: int | None = None
        self._turns = turns
        self._transport, self._uplink, self._memory, self._clock = transport, uplink, memory, clock
        self._arrived, self._sent = arrived, sent
        self._encoder = Encoder(Dialect.GA)
        self._outbox: deque[ClientEvent] = deque()
        self._something = asyncio.Event()
        self._began = clock()

    async def open(self, patience: Seconds) -> None:
        """
        Agree on manual turns and seed the conversation.

        Raises:
            DialFailed: If the far end refuses, is silent for longer than `patience`, or goes away.

        """
        try:
            async with asyncio.timeout(patience):
                await self._agree()
        except TimeoutError:
            await self._transport.close(1000)
            raise DialFailed(Silent()) from None
        except DialFailed:
            await self._transport.close(1000)
            raise
        except LinkClosed as closed:
            raise DialFailed(self._failure(closed.code)) from None
        self._outbox.extend(Remember(one.by_student, one.text) for one in self._memory.heard())

    async def run(self) -> Failure:
        """Read and write until the session ends; return how it ended."""
        writer = asyncio.create_task(self._write(), name="link writer")
        try:
            while True:
                message = await self._transport.receive()
                self._take_in(decode(message))
        except LinkClosed as closed:
            return self._failure(closed.code)
        finally:
            writer.cancel()
            await asyncio.wait([writer])
            self._arrived(self.downlink.closed())

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
        """End the session; `run` returns."""
        await self._transport.close(code)

    async def _agree(self) -> None:
        echo = await self._echo(SessionCreated)
        if not is_manual(echo):
            # Settings that a relay makes itself follow at once; ours, sent too early, would undo them.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RELAY_SETTLES):
                    echo = await self._echo(SessionUpdated)
        if not is_manual(echo):
            await self._write_out(ManualTurns(echo))
            echo = await self._echo(SessionUpdated)
        if not is_manual(echo):
            raise DialFailed(Misconfigured("turn_detection"))

    async def _echo(self, kind: type[SessionCreated | SessionUpdated]) -> Mapping[str, Any]:
        while True:
            event = decode(await self._transport.receive())
            if isinstance(event, ServerError):
                self.downlink.arrived(event, self._clock())
                raise DialFailed(self._refusal(event))  # no `session.updated` will follow (mastra#16940)
            if isinstance(event, SessionCreated):
                self._encoder = Encoder(event.dialect)
            if isinstance(event, SessionCreated | SessionUpdated):
                self.expires_at = expires_at(event.session) or self.expires_at
            if isinstance(event, kind):
                return event.session

    def _refusal(self, error: ServerError) -> Failure:
        return self._failure(None) if self.downlink.last_code else Misconfigured(error.code)

    def _failure(self, code: int | None) -> Failure:
        return Closed(code, self.downlink.last_code, Seconds(self._clock() - self._began))

    def _take_in(self, event: ServerEvent) -> None:
        cause = self._encoder.sent(event.cause) if isinstance(event, ServerError) else None
        follows = self.downlink.arrived(event, self._clock(), cause)
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
            return  # the reader meets the same end and says how

    async def _write_out(self, event: ClientEvent) -> None:
        turn = self._uplink.turn
        if isinstance(event, Commit):
            self.downlink.committing = turn
        _, text = self._encoder.encode(event)
        await self._transport.send(text)
        if isinstance(event, Commit) and turn is not None and turn == self._uplink.turn:
            self._send(self._turns.ask(turn))
            self._sent(turn)
        elif isinstance(event, Append):
            await asyncio.sleep(0)  # a backlog must not keep the loop from a press
