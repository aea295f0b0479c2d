"""
Staying connected: dial, serve, judge how it ended, wait as long as that deserves, dial again.

A planned close costs nothing: the next session is dialled at once. One that can be foreseen (the session's
`expires_at`) costs less than nothing: the next session is made before the old one is broken, in a quiet moment.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NoReturn

from agent.link.backoff import WORTH_PLANNING, Closed, Failure, GivenUp, Verdict, verdict
from agent.link.connection import Connection
from agent.link.delays import Delays
from agent.link.downlink import Arrival
from agent.link.transport import DialFailed, Transport
from agent.link.uplink import Uplink
from agent.session.events import (
    ClockWrong,
    Event,
    LinkLimited,
    LinkLost,
    LinkRefused,
    LinkUp,
    ReplyArrived,
    ReplyFailed,
    ReplyLimited,
    UtteranceRefused,
    UtteranceSent,
)
from agent.session.memory import Memory
from agent.units import EndOfUtterance, Frame, Part, Seconds, Turn

ROTATE_AT: Final = 0.8
"""Share of a session's lifetime after which a quiet moment is used to replace it."""

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
"""WebSocket close codes (RFC 6455 7.4.1)."""

FACTS: Final[Mapping[Verdict, Event]] = {
    Verdict.PLANNED: LinkLost(),
    Verdict.RETRY: LinkLost(),
    Verdict.REFUSED: LinkRefused(),
    Verdict.BLOCKED: LinkRefused(),
    Verdict.LIMITED: LinkLimited(),
    Verdict.CLOCK: ClockWrong(),
}


class Link:
    """
    The connection, up or down. Everything here runs on the event loop.

    Args:
        dial: Connects and authenticates; raises DialFailed.
        uplink: The student's speech.
        memory: What was heard.
        session_patience: How long a new session may take to be agreed on.
        clock: Monotonic.
        random: Uniform in [0, 1).
        arrived: Told what follows from each server event.
        tell: Takes facts for the session.
        note: Takes what the journal should know: a failure and what will be done about it.

    """

    def __init__(
        self,
        dial: Callable[[], Awaitable[Transport]],
        uplink: Uplink,
        memory: Memory,
        *,
        session_patience: Seconds,
        clock: Callable[[], Seconds],
        random: Callable[[], float],
        arrived: Callable[[Arrival], None],
        tell: Callable[[Event], None],
        note: Callable[[Failure, Seconds], None],
    ) -> None:
        self._dial, self._uplink, self._memory = dial, uplink, memory
        self._patience, self._clock = session_patience, clock
        self._arrived, self._tell, self._note = arrived, tell, note
        self._live: Connection | None = None
        self._open: set[Connection] = set()
        """Sessions to be closed: the live one and, at times, its successor."""
        self._given_up: Connection | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._hurry, self._quiet, self._over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._delays = Delays(random)

    async def run(self) -> None:
        """
        Be connected as often as can be, until cancelled or hung up; then close what is open with 1001.

        Raises:
            Exception: Whatever `dial` or a callback raised that is not about the far end: a bug.

        """
        staying = asyncio.create_task(self._stay_connected(), name="link")
        over = asyncio.create_task(self._over.wait(), name="link hang-up")
        try:
            await asyncio.wait({staying, over}, return_when=asyncio.FIRST_COMPLETED)
            if staying.done():
                staying.result()
        finally:
            await _cancelled(staying, over)
            self._keep(None, GOING_AWAY)
            if self._closing:
                await asyncio.wait(self._closing)

    @property
    def is_up(self) -> bool:
        """Whether there is a session."""
        return self._live is not None

    @property
    def round_trip(self) -> Seconds | None:
        """How long the session's last ping was on its way; None while there is no session, or was no ping."""
        return self._live.round_trip if self._live else None

    def open(self, turn: Turn) -> None:
        """Begin an utterance. A press is also a reason to dial now."""
        self._uplink.open(turn)
        self._hurry.set()

    def speech(self, frame: Frame) -> None:
        """Take a captured frame."""
        self._tell_if(self._uplink.speech(frame))
        self._poke()

    def end(self, end: EndOfUtterance) -> None:
        """Let the utterance go out to its end."""
        self._tell_if(self._uplink.end(end))
        self._poke()

    def drop_speech(self) -> int:
        """Forget what is kept of the utterance; return its milliseconds."""
        dropped = self._uplink.drop()
        self._poke()
        return dropped

    def cancel_reply(self) -> None:
        """Take back the reply that is asked for or running."""
        if self._live:
            self._live.cancel_reply()

    def silenced(self, heard: Mapping[Part, int]) -> None:
        """Remember, and tell the far end, what was heard of the parts that were cut (samples at 24 kHz)."""
        for part, samples in heard.items():
            self._memory.cut(part, samples)
        if self._live:
            self._live.silenced(heard)

    def quiet(self, is_quiet: bool) -> None:
        """Learn whether a session may be replaced now."""
        if is_quiet:
            self._quiet.set()
        else:
            self._quiet.clear()

    def redial(self) -> None:
        """Give this session up: it does not answer."""
        if self._live:
            self._given_up = self._live
            self._close(self._live, NORMAL)

    def hang_up(self) -> None:
        """Close the session for good, as one who goes away; `run` returns."""
        self._over.set()

    async def _stay_connected(self) -> NoReturn:
        while True:
            try:
                failure = await self._serve(await self._establish())
            except DialFailed as failed:
                failure = failed.failure
            self._keep(None)
            await self._wait_out(failure)

    async def _establish(self) -> Connection:
        connection = Connection(
            await self._dial(),
            self._uplink,
            self._memory,
            self._clock,
            self._take_in,
            sent=lambda turn: self._tell(UtteranceSent(turn)),
        )
        self._open.add(connection)
        await connection.open(self._patience)
        return connection

    async def _serve(self, connection: Connection) -> Failure:
        """Use a session, and those that replace it in time, until one ends unreplaced."""
        try:
            self._begin(connection)
            self._tell(LinkUp())
            while True:
                serving = asyncio.create_task(connection.run(), name="link session")
                succeeding = asyncio.create_task(self._succeed(connection.lifetime), name="link rotation")
                try:
                    await asyncio.wait({serving, succeeding}, return_when=asyncio.FIRST_COMPLETED)
                    if serving.done():
                        return self._judged(connection, serving.result())
                    connection = succeeding.result()
                finally:
                    await _cancelled(serving, succeeding)
                self._begin(connection)
        finally:
            self._live = None
            self._uplink.link_down()
            if self._uplink.turn is not None:
                self._memory.forget(self._uplink.turn)  # it will be said again, and must not be said twice

    def _judged(self, connection: Connection, failure: Failure) -> Failure:
        """Say it as it was if we ended the session; but a relay that at last says why goes before."""
        if connection is self._given_up and isinstance(failure, Closed) and verdict(failure) is Verdict.RETRY:
            return GivenUp(failure.lived)
        return failure

    async def _succeed(self, lifetime: Seconds | None) -> Connection:
        """Wait until the session is old and the moment is quiet; come back with its successor."""
        if lifetime is None or lifetime < WORTH_PLANNING:
            await asyncio.Event().wait()  # until cancelled
        else:
            await asyncio.sleep(lifetime * ROTATE_AT)
        while True:
            await self._quiet.wait()
            try:
                successor = await self._establish()
                if self._quiet.is_set():
                    return successor
                self._keep(self._live)
            except DialFailed as failed:
                self._keep(self._live)
                await asyncio.sleep(self._delays.after(failed.failure))

    def _begin(self, connection: Connection) -> None:
        self._delays.succeeded()
        self._keep(connection)
        self._tell_if(self._uplink.link_up())

    def _keep(self, live: Connection | None, code: int = NORMAL) -> None:
        """Use this session from now on; close every other."""
        self._live = live
        for connection in self._open - {live}:
            self._open.remove(connection)
            self._close(connection, code)

    def _close(self, connection: Connection, code: int) -> None:
        """Begin to close; a far end that is slow to answer must not delay the next session."""
        closing = asyncio.create_task(connection.close(code), name="link close")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _wait_out(self, failure: Failure) -> None:
        judged, delay = verdict(failure), self._delays.after(failure)
        self._note(failure, delay)
        self._hurry.clear()
        self._tell(FACTS[judged])
        if judged is Verdict.RETRY:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), delay)
        else:
            await asyncio.sleep(delay)

    def _take_in(self, follows: Arrival) -> None:
        for fact in follows.facts:
            if isinstance(fact, ReplyArrived | ReplyFailed | ReplyLimited | UtteranceRefused):
                self._uplink.answered(fact.turn)
        self._arrived(follows)

    def _tell_if(self, fact: Event | None) -> None:
        if fact is not None:
            self._tell(fact)

    def _poke(self) -> None:
        if self._live:
            self._live.poke()


async def _cancelled(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
