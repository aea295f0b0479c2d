"""
Staying connected: dial, serve, judge how it ended, wait as long as that deserves, dial again.

A planned close costs nothing: the next session is dialled at once. One that can be foreseen (the session's
`expires_at`) costs less than nothing: the next session is made before the old one is broken, in a quiet moment.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from agent.link.backoff import CLOCK_RETRY, Failure, HttpRefused, Verdict, backoff, limited_retry, slow_retry, verdict
from agent.link.connection import Connection
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

FIRST_DELAY: Final = Seconds(0.5)
LONGEST_DELAY: Final = Seconds(30.0)
"""Full jitter up to here: a district's devices that lost power together come back spread over half a minute."""

ROTATE_AT: Final = 0.8
"""Share of a session's lifetime after which a quiet moment is used to replace it."""

FACTS: Final[Mapping[Verdict, Event]] = {
    Verdict.PLANNED: LinkLost(),
    Verdict.RETRY: LinkLost(),
    Verdict.REFUSED: LinkRefused(),
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
        self._patience, self._clock, self._random = session_patience, clock, random
        self._arrived, self._tell, self._note = arrived, tell, note
        self._live: Connection | None = None
        self._hurry = asyncio.Event()
        self._quiet = asyncio.Event()
        self._delays = self._fresh()
        self._over = False
        self._retiring: set[asyncio.Task[object]] = set()
        """Sessions on their way out, held so that they get there."""

    async def run(self) -> None:
        """Be connected as often as can be, until cancelled or hung up."""
        while not self._over:
            try:
                failure = await self._serve(*await self._establish())
            except DialFailed as failed:
                failure = failed.failure
            if not self._over:
                await self._wait_out(failure)

    @property
    def is_up(self) -> bool:
        """Whether there is a session."""
        return self._live is not None

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

    def answered(self, turn: Turn) -> None:
        """The utterance of this turn need not be sent again."""
        self._uplink.answered(turn)

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
            self._retire(self._live, 1000)

    def hang_up(self) -> None:
        """Close the session for good, as one who goes away."""
        self._over = True
        self._hurry.set()
        if self._live:
            self._retire(self._live, 1001)

    def _fresh(self) -> Iterator[Seconds]:
        return backoff(FIRST_DELAY, 2.0, LONGEST_DELAY, self._random)

    async def _establish(self) -> tuple[Connection, Seconds | None]:
        transport = await self._dial()
        connection = Connection(
            transport,
            self._uplink,
            self._memory,
            self._clock,
            self._take_in,
            sent=lambda turn: self._tell(UtteranceSent(turn)),
        )
        await connection.open(self._patience)
        lifetime = None if connection.expires_at is None else transport.lifetime(connection.expires_at)
        return connection, lifetime

    async def _serve(self, connection: Connection, lifetime: Seconds | None) -> Failure:
        """Use a session, and those that replace it in time, until one ends unreplaced."""
        self._delays = self._fresh()
        self._begin(connection)
        self._tell(LinkUp())
        while True:
            running = asyncio.create_task(connection.run(), name="link reader")
            successor = asyncio.create_task(self._succeed(lifetime), name="link rotation")
            try:
                await asyncio.wait({running, successor}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    return self._end(running.result())
                self._retire(connection, 1000)
                connection, lifetime = successor.result()
                self._begin(connection)
            finally:
                await _cancelled(successor)
                if not running.done():
                    self._retiring.add(running)
                    running.add_done_callback(self._retiring.discard)

    async def _succeed(self, lifetime: Seconds | None) -> tuple[Connection, Seconds | None]:
        """Wait until the session is old and the moment is quiet; come back with its successor."""
        if lifetime is None:
            await asyncio.Event().wait()
        await asyncio.sleep((lifetime or 0.0) * ROTATE_AT)
        while True:
            await self._quiet.wait()
            with contextlib.suppress(DialFailed):
                successor = await self._establish()
                if self._quiet.is_set():
                    return successor
                await successor[0].close()
            await asyncio.sleep(next(self._delays))

    def _begin(self, connection: Connection) -> None:
        self._live = connection
        self._tell_if(self._uplink.link_up())

    def _retire(self, connection: Connection, code: int) -> None:
        closing = asyncio.create_task(connection.close(code), name="link close")
        self._retiring.add(closing)
        closing.add_done_callback(self._retiring.discard)

    def _end(self, failure: Failure) -> Failure:
        self._live = None
        self._uplink.link_down()
        return failure

    async def _wait_out(self, failure: Failure) -> None:
        judged = verdict(failure)
        delay = self._delay(judged, failure)
        self._note(failure, delay)
        self._hurry.clear()
        self._tell(FACTS[judged])
        if judged is Verdict.RETRY:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), delay)
        else:
            await asyncio.sleep(delay)

    def _delay(self, judged: Verdict, failure: Failure) -> Seconds:
        match judged:
            case Verdict.PLANNED:
                return Seconds(0.0)
            case Verdict.RETRY:
                return next(self._delays)
            case Verdict.CLOCK:
                return CLOCK_RETRY
            case Verdict.REFUSED:
                return next(slow_retry(self._random))
            case Verdict.LIMITED:
                wish = failure.retry_after if isinstance(failure, HttpRefused) else None
                return limited_retry(wish, self._random)

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


async def _cancelled(task: asyncio.Task[object]) -> None:
    task.cancel()
    await asyncio.wait([task])
