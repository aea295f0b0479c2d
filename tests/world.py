"""A world on virtual time: the whole agent without threads and sockets, a room, and the record of what it heard."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from agent.app import Agent
from agent.devices.ports import Devices
from agent.session.table import State
from agent.settings import Settings
from agent.simulator.button import FingerButton
from agent.simulator.ring import MemoryRing
from agent.simulator.speaker import QUEUE_SAMPLES, FileSpeaker
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ
from tests.far_end import BLOCK, decoded

PERIOD_S = PERIOD_SAMPLES / SAMPLE_RATE_HZ

PHASE_S = 0.0001
"""A period is fetched this long after it is complete, so that a float's last digit decides nothing."""

DOZE = 50
"""Periods from step to step while nothing is to be heard for minutes."""

LOOK_S = 0.025
"""How often a script looks at the state it waits for."""

PLATEAU = BLOCK // 2
"""So many equal samples are a reply's; neither a fade nor speech has them."""


@dataclass(frozen=True)
class Note:
    """What the agent told its observer."""

    at: float
    kind: str
    facts: dict


class Microphone:
    """Hears what `sound(first, count)` says was to be heard from that sample on; a reader finds the latest period."""

    def __init__(self, clock, sound):
        self._clock, self._sound = clock, sound
        self.overruns = 0

    def read(self):
        end = int(self._clock() * SAMPLE_RATE_HZ) // PERIOD_SAMPLES * PERIOD_SAMPLES
        return self._sound(end - PERIOD_SAMPLES, PERIOD_SAMPLES)

    def waiting(self):
        return 0

    def close(self):
        pass


class World:
    """One agent in its corner. Made on a loop whose time jumps."""

    def __init__(self, far_end, sound=lambda _first, count: np.zeros(count, np.int16), settings=None, leds=1):
        loop = asyncio.get_running_loop()
        self.clock = loop.time
        self.far_end, self.notes = far_end, []
        self.button, self.ring = FingerButton(self.clock), MemoryRing(leds)
        self.speaker = FileSpeaker(self.clock, lambda _descriptor, _longest: True, self._heard)
        devices = Devices(Microphone(self.clock, sound), self.speaker, self.button, self.ring)
        self.beside = []
        self._sound = []
        self._pace = 1
        self.agent = Agent(devices, far_end.dial, settings or Settings(), self, self.clock)

    def note(self, kind, *, at=None, **facts):
        self.notes.append(Note(self.clock() if at is None else at, kind, facts))

    def noted(self, kind, **facts):
        return [note for note in self.notes if note.kind == kind and note.facts.items() >= facts.items()]

    @property
    def state(self):
        return self.agent.session.state

    @property
    def record(self):
        """What was heard in the room so far, from time 0 on."""
        self.speaker.queued()
        return np.concatenate((np.zeros(0, np.int16), *self._sound))

    async def live(self, script):
        """Let the agent live as long as the script; then stop it."""
        running = asyncio.ensure_future(self.agent.run(self.stepping, self.beside))
        playing = asyncio.ensure_future(script)
        try:
            await asyncio.wait({running, playing}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done() and not running.done():
                await self.agent.stop()
            await running
            await playing
        finally:
            for task in (running, playing):
                task.cancel()
            await asyncio.wait((running, playing))
            await self.far_end.end()
            self.speaker.close()

    async def until(self, *states, within=60.0):
        """Wait for a state of the session; say where it is stuck if it does not come."""
        try:
            async with asyncio.timeout(within):
                while self.state not in states:  # noqa: ASYNC110 - a look costs nothing, time jumps
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise AssertionError(f"stuck in {self.state} for {within} s at {self.clock():.3f}") from None

    async def turn(self, seconds, then=State.READY):
        """Press, speak, release, and wait for what follows."""
        self.button.press()
        await asyncio.sleep(seconds)
        self.button.release()
        await asyncio.sleep(0.05)
        await self.until(then)

    @asynccontextmanager
    async def dozing(self):
        """Let the audio stand still for most of the time: minutes in which nobody hears or says anything."""
        self._pace = DOZE
        try:
            yield
        finally:
            self._pace = 1
            await asyncio.sleep(DOZE * PERIOD_S)

    @contextmanager
    def stepping(self, steps, failed, wake):
        """As `agent.threads.repeating`, but on the loop: a step each period."""
        task = asyncio.ensure_future(self._every_period(steps, failed))
        try:
            yield
        finally:
            task.cancel()

    async def _every_period(self, steps, failed):
        period = 0
        try:
            while True:
                period += self._pace
                await asyncio.sleep(period * PERIOD_S + PHASE_S - self.clock())
                steps["capture"]()
                self._filled(steps["playout"])
        except Exception as trouble:  # noqa: BLE001 - as a thread's body
            failed(trouble)

    def _filled(self, step):
        """A writer that has room goes on at once."""
        step()
        while self.speaker.queued() + PERIOD_SAMPLES <= QUEUE_SAMPLES:
            step()

    def _heard(self, pcm):
        self._sound.append(pcm)


def plateaus(record):
    """Stretches of one value that a reply has: (start, length, reply, block), in order."""
    edges = np.flatnonzero(np.diff(record, prepend=0, append=0))
    found = []
    for start, end in pairwise(edges):
        if end - start >= PLATEAU and record[start] and (known := decoded(record[start])):
            found.append((int(start), int(end - start), *known))
    return found
