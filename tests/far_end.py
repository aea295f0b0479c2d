"""The far end of the simulated world: the relay's own tutor and dialogue behind wires, and a record of all it heard."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter, deque
from dataclasses import dataclass, field

import numpy as np

from agent.link.backoff import HttpRefused, Unreachable
from agent.link.transport import DialFailed, LinkClosed
from agent.relay.dialogue import Dialogue
from agent.relay.reply import Spoken
from agent.relay.service import Service
from agent.relay.settings import RelaySettings
from agent.relay.tutors import ServiceTutor
from agent.relay.wire import parsed
from agent.units import SAMPLES_PER_MS, Seconds
from tests.wire import Wire

HANDSHAKE_S = 0.05
CONFIGURATION = RelaySettings().session()

BLOCK = 5 * SAMPLES_PER_MS
"""Replies say where they are: each block of 5 ms has a value of its own."""

BLOCKS = 500
REPLIES = 60
FIRST_VALUE = 500


def coded(reply, samples):
    """The sound of a reply whose samples tell its number and their place."""
    assert reply < REPLIES, "more replies than there are codes"
    assert samples <= BLOCKS * BLOCK, "a reply longer than its code"
    values = FIRST_VALUE + reply // 2 * BLOCKS + np.arange(samples) // BLOCK
    return (values * (1 - 2 * (reply % 2))).astype(np.int16)


def decoded(value):
    """The reply and the block of a sample; None if it is no reply's."""
    place = abs(int(value)) - FIRST_VALUE
    if not 0 <= place < REPLIES // 2 * BLOCKS:
        return None
    return place // BLOCKS * 2 + (value < 0), place % BLOCKS


@dataclass
class Answer:
    """A reply that the service began."""

    number: int
    at: float
    heard: np.ndarray
    samples: int


@dataclass
class Visit:
    """One session, as the relay saw it."""

    wire: Wire
    appended: list[np.ndarray] = field(default_factory=list)
    committed: list[np.ndarray] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    types: Counter[str] = field(default_factory=Counter)
    truncates: list[tuple[float, int, int]] = field(default_factory=list)
    """When each came, the number of the reply it cut, and its `audio_end_ms`."""
    errors: list[str] = field(default_factory=list)
    seeds: list[str] = field(default_factory=list)
    closed_with: int | None = None
    _replies: dict[str, int] = field(default_factory=dict)
    _uncommitted: list[np.ndarray] = field(default_factory=list)

    def came(self, event, at):
        """Note what the device said."""
        self.types[event["type"]] += 1
        match event:
            case {"type": "input_audio_buffer.append", "audio": audio}:
                self.appended.append(_pcm(audio))
                self._uncommitted.append(self.appended[-1])
            case {"type": "input_audio_buffer.clear"}:
                self._uncommitted.clear()
            case {"type": "input_audio_buffer.commit"}:
                self.committed.append(np.concatenate((np.zeros(0, np.int16), *self._uncommitted)))
                self._uncommitted.clear()
            case {"type": "conversation.item.truncate", "item_id": item_id, "audio_end_ms": ms}:
                self.truncates.append((at, self._replies[item_id], ms))
            case {"type": "conversation.item.create", "item": item}:
                self.seeds.append(item["content"][0]["text"])

    def goes(self, event):
        """Note what the service says."""
        match event:
            case {"type": "response.output_audio.delta" | "response.audio.delta", "item_id": item_id, "delta": audio}:
                known = decoded(_pcm(audio)[0])
                if known:
                    self._replies.setdefault(item_id, known[0])
            case {"type": "error", "error": error}:
                self.errors.append(error["code"])


def _pcm(audio):
    return np.frombuffer(base64.b64decode(audio), "<i2")


class FarEnd:
    """
    Where the device dials.

    Args:
        answer: Told how many replies there were before and what was heard (samples); answers with samples.
        wires: Makes the wire of each dial, told how many there were before.
        beta: Whether the relay speaks the beta dialect.
        configures: Whether the relay asks for manual turns itself.
        lifetime: Seconds that each session lives and says so; None for ever.

    """

    def __init__(self, answer, wires=lambda _: Wire(0.02), *, beta=False, configures=True, lifetime=None):
        self.visits: list[Visit] = []
        self.dials = 0
        self.refusals: deque[HttpRefused] = deque()
        """What the coming dials are answered with."""
        self.away_until = 0.0
        """Until then nobody is reached."""
        self._answer, self._wires = answer, wires
        self._beta, self._configures, self._lifetime = beta, configures, lifetime
        self._conversing: list[asyncio.Task[None]] = []

    @property
    def answers(self):
        return [answer for visit in self.visits for answer in visit.answers]

    @property
    def last(self):
        return self.visits[-1]

    async def dial(self):
        self.dials += 1
        await asyncio.sleep(HANDSHAKE_S)
        if _now() < self.away_until:
            raise DialFailed(Unreachable("ConnectionRefusedError"))
        if self.refusals:
            raise DialFailed(self.refusals.popleft())
        wire = self._wires(len(self.visits))
        wire.device.remaining = self._lifetime
        self.visits.append(visit := Visit(wire))
        self._conversing.append(asyncio.create_task(self._converse(visit)))
        return wire.device

    async def close(self, code):
        """Close every session, as planned or not."""
        await asyncio.gather(*(visit.wire.relay.close(code) for visit in self.visits))

    async def end(self):
        """Leave no task behind; a relay that failed says so now."""
        for conversing in self._conversing:
            conversing.cancel()
        if self._conversing:
            await asyncio.wait(self._conversing)
        for conversing in self._conversing:
            if not conversing.cancelled():
                conversing.result()

    async def _converse(self, visit):
        voice = _Voice(self, visit)
        tutor = ServiceTutor(Service(voice, f"{len(self.visits):012d}", 4_000_000_000))
        dialogue = Dialogue(tutor, beta=self._beta)
        if self._configures:
            await dialogue.configure(CONFIGURATION)
        parts = [asyncio.create_task(part) for part in (_up(visit, dialogue), _down(visit, dialogue))]
        if self._lifetime is not None:
            parts.append(asyncio.create_task(_expire(visit, self._lifetime)))
        try:
            await asyncio.wait(parts[:2], return_when=asyncio.FIRST_COMPLETED)
            for part in parts[:2]:
                if part.done():
                    part.result()
        except LinkClosed as closed:
            visit.closed_with = closed.code
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    def begin(self, visit, heard):
        pcm = self._answer(len(self.answers), heard)
        visit.answers.append(Answer(len(self.answers), _now(), heard, len(pcm)))
        return Spoken(pcm.astype("<i2").tobytes(), "uno dos tres")


class _Voice:
    def __init__(self, far_end, visit):
        self._far_end, self._visit = far_end, visit

    def answer(self, heard):
        return self._far_end.begin(self._visit, np.frombuffer(heard, "<i2"))


async def _up(visit, dialogue):
    while True:
        event = parsed(await visit.wire.relay.receive())
        visit.came(event, _now())
        await dialogue.send(event)


async def _down(visit, dialogue):
    while True:
        event = await dialogue.receive()
        visit.goes(event)
        await visit.wire.relay.send(json.dumps(event))


async def _expire(visit, seconds):
    await asyncio.sleep(seconds)
    await visit.wire.relay.close(1012)


def _now():
    return Seconds(asyncio.get_running_loop().time())
