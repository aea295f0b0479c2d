"""Who teaches: the port to an upstream session, and the two tutors that live in this process."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent.errors import LinkError
from agent.relay.conversation import Event
from agent.relay.service import Service, Voice
from agent.relay.voices import ParrotVoice, ScriptedVoice, bilingual, recordings
from agent.units import Seconds

UNREAD_EVENTS = 1024
"""How many events may wait for a reader before `send` does: a reply's deltas, many times over."""


class TutorGone(LinkError):
    """The upstream session ended, or none came about; `error_code` is what devices know the reason by, or empty."""

    def __init__(self, close_code: int, error_code: str = "") -> None:
        super().__init__(f"the tutor is gone ({close_code} {error_code})".rstrip())
        self.close_code, self.error_code = close_code, error_code


@dataclass(frozen=True, slots=True)
class Caller:
    """The device a tutor is for: its language ("es" or "en"), and when its session ends, in Unix seconds."""

    language: str
    expires_at: int


class Tutor(Protocol):
    """One device's session: client events in, server events out, GA vocabulary."""

    async def send(self, event: object) -> None:
        """
        Take a client event, whatever it may be; waits while too much is unread.

        Raises:
            TutorGone: If the session has ended.

        """

    async def receive(self) -> Event:
        """
        Wait for the next server event; one reader at a time.

        Raises:
            TutorGone: If the session has ended.

        """

    async def close(self) -> None:
        """End the session; closing twice is fine."""


class TutorFactory(Protocol):
    """Opens a session for a device."""

    async def __call__(self, caller: Caller) -> Tutor:
        """
        The tutor, listening.

        Raises:
            TutorGone: If no session came about.

        """


class ServiceTutor:
    """The stand-in service on the event loop's clock."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._unread = deque(service.opened())
        self._changed = asyncio.Event()
        self._closed = False

    async def send(self, event: object) -> None:
        """Tell the service; its answers wait to be received."""
        while len(self._unread) >= UNREAD_EVENTS and not self._closed:
            await self._change()
        if self._closed:
            raise TutorGone(1000)
        self._unread += self._service.told(event, _now())
        self._changed.set()

    async def receive(self) -> Event:
        """The next thing the service says, when it is due."""
        while not self._unread:
            if self._closed:
                raise TutorGone(1000)
            await self._change(until=self._service.due)
            self._unread += self._service.passed(_now())
        self._changed.set()
        return self._unread.popleft()

    async def close(self) -> None:
        """Say nothing more."""
        self._closed = True
        self._changed.set()

    async def _change(self, until: Seconds | None = None) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout_at(until):
                await self._changed.wait()
        except TimeoutError:
            return


def scripted() -> TutorFactory:
    """Bundled recordings, the device's language first."""
    replies = recordings()
    return _Local(lambda caller: ScriptedVoice(bilingual(replies, caller.language)))


def parrot() -> TutorFactory:
    """What the student said, said back."""
    return _Local(lambda _caller: ParrotVoice())


class _Local:
    def __init__(self, voice: Callable[[Caller], Voice]) -> None:
        self._voice = voice

    async def __call__(self, caller: Caller) -> Tutor:
        return ServiceTutor(Service(self._voice(caller), secrets.token_hex(6), caller.expires_at))


def _now() -> Seconds:
    return Seconds(asyncio.get_running_loop().time())
