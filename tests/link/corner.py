"""A link on a loop where time jumps, the far end it dials, and what it told."""

import asyncio
import base64
from contextlib import asynccontextmanager

import numpy as np

from agent.link.backoff import Unreachable
from agent.link.link import Link
from agent.link.uplink import Uplink
from agent.session.memory import Memory
from agent.units import EndOfUtterance, Frame, Part, Seconds
from tests.clock import jumping
from tests.link.transport import FarEnd, MemoryTransport, created, settled

AWAY = Unreachable("ConnectionRefusedError")

PART = Part("r1", "i1", 0)
WORDS = {
    "type": "response.output_audio_transcript.delta",
    "response_id": "r1",
    "item_id": "i1",
    "content_index": 0,
    "delta": "Once upon a time",
}
SOUND = {
    "type": "response.output_audio.delta",
    "response_id": "r1",
    "item_id": "i1",
    "content_index": 0,
    "delta": base64.b64encode(bytes(48_000)).decode(),
}
"""One second."""


def a_session(**levers):
    return MemoryTransport(created(expires_at=1), **levers)


class Corner:
    """A link, whom it dials, and what it told."""

    def __init__(self, *answers, random):
        loop = asyncio.get_running_loop()
        self.far = FarEnd(*answers)
        self.told, self.noted = [], []
        self.link = Link(
            self.far.dial,
            Uplink(Seconds(20)),
            Memory(),
            session_patience=Seconds(10),
            clock=lambda: Seconds(loop.time()),
            random=lambda: random,
            arrived=lambda follows: None,
            tell=self.told.append,
            note=lambda failure, delay: self.noted.append((failure, round(delay, 2))),
        )
        self.running = asyncio.create_task(self.link.run())

    def session(self, number):
        """The far end's side of the session that came about as number so."""
        return self.far.sessions[number - 1]

    def speak(self, turn, frames):
        for number in frames:
            self.link.speech(Frame(turn, np.full(480, number, np.int16)))

    async def say(self, turn, frames=range(20)):
        """A whole utterance, whose frames are numbered."""
        self.link.open(turn)
        self.speak(turn, frames)
        self.link.end(EndOfUtterance(turn))
        await settled()


@asynccontextmanager
async def corner(*answers, random=1.0, quiet=True):
    """Leaves nothing open and nobody running, whatever happened."""
    this = Corner(*answers, random=random)
    this.link.quiet(quiet)
    await settled()
    try:
        yield this
    finally:
        this.running.cancel()
        await asyncio.wait([this.running])
        assert all(session.is_over for session in this.far.sessions)
        assert asyncio.all_tasks() == {asyncio.current_task()}


def lived(story):
    """Run a test on a loop where time jumps."""

    def test():
        jumping(story())

    test.__name__ = story.__name__
    return test
