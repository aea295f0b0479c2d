"""A reading corner that lives for a year: the whole agent, process after process, on devices that can be pulled out."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import contextmanager
from functools import partial

import numpy as np

from agent.app import Agent
from agent.devices.ports import Devices, Plug, Plugs
from agent.devices.replug import ReplugMicrophone, ReplugSpeaker
from agent.errors import DeviceMissing
from agent.health.monitor import Monitor
from agent.health.record import BoardHealth
from agent.health.tally import Tally
from agent.health.turns import Turns
from agent.journal import Journal
from agent.session.effects import LISTENING_SCENES
from agent.session.table import RESTING, State
from agent.settings import Settings
from agent.simulator.button import FingerButton
from agent.simulator.ring import MemoryRing
from agent.simulator.speaker import QUEUE_SAMPLES, FileSpeaker
from agent.units import PERIOD_SAMPLES
from tests.school_year.dozing import DOZE_S
from tests.world import PERIOD_S, PHASE_S, Microphone, Note

CALM_S = 1.0
"""Idle is a corner of which so long nothing was heard: prompts and fades have begun by then, or are over."""

HEARD = frozenset({"gate", "delta", "sound", "heard", "silence", "prompt", "scene"})
"""Notes that mean that something is heard, or soon will be, or that a scene begins to move."""

IDLE = RESTING | {State.BUTTON_FAULT}

UNTOLD = frozenset({"delta", "health"})
"""Notes that tell no story."""

WELL = BoardHealth(55.0, False, 40.0, 300, 10_000, True, False, False)
"""A board without troubles: they have tests of their own."""

STORY = 150
"""Notes kept for who has to find out what went wrong."""

SPEECH = 1000
"""What a student's voice is: nobody looks at it."""

LOOK_S = 0.025


class Corner:
    """
    One corner. Made on a `DozingLoop`.

    Args:
        relay: Where it dials.
        send: Takes the journal's lines: a message and its fields.

    """

    def __init__(self, relay, send):
        self.loop = asyncio.get_running_loop()
        self.loop.is_idle = self.is_idle
        self.clock = self.loop.time
        self.relay = relay
        self.story = deque(maxlen=STORY)
        self.counts = Counter()
        self.boots = 0
        self.out = set()
        """What is pulled out."""
        self.bounce = ()
        self.agent = None
        self.wall_is_ahead_s = 0.0
        self._send = send
        self._told_at = 0.0
        self._scene = ""
        self._heard_turn = 0
        self._speaker = None
        self._finger_is_down = False
        self._ring_is_broken = False
        self._stirred = asyncio.Event()
        self._ending = ""
        self._order = asyncio.Event()

    # What the agent tells

    def note(self, kind, *, at=None, **facts):
        if kind in HEARD:
            self._stir()
        now = self.clock()
        self.counts[kind] += 1
        if kind not in UNTOLD:
            self.story.append(Note(now if at is None else at, kind, facts))
        match kind:
            case "scene":
                self._scene = facts["name"]
            case "gate" if facts["open"]:
                assert self._scene in {scene.value for scene in LISTENING_SCENES}, "listening without a light"
            case "heard":
                self._heard_turn = facts["turn"]

    def remark(self, what):
        """Write into the story what was done to the corner."""
        self.story.append(Note(self.clock(), "REMARK", {"what": what}))

    @property
    def state(self):
        return self.agent.session.state

    def is_idle(self):
        """Whether nobody would see, hear or be heard, if the agent looked at nothing for some seconds."""
        return (
            self.agent is not None
            and self.state in IDLE
            and (self.agent.playout.depth == 0 or Plug.SPEAKER in self.out)
            and self.clock() - self._told_at > CALM_S
        )

    async def until(self, *states, within):
        """Wait for a state of the session; say where it is stuck if it does not come."""
        began = self.clock()
        while self.state not in states:
            waited = self.clock() - began
            assert waited <= within, f"stuck in {self.state} for {within} s"
            await asyncio.sleep(max(LOOK_S, waited / 100))

    async def rest(self, within=400.0):
        """Wait for the end of what is going on."""
        await self.until(*RESTING, within=within)

    # What is done to it

    def press(self):
        self._stir()
        self._finger_is_down = True
        self.button.press()

    def release(self):
        self._stir()
        self._finger_is_down = False
        self.button.release()

    async def turn(self, seconds):
        """Press, speak, release, wait for what follows; tell whether a reply was heard to its end."""
        before, boots = (self._heard_turn, self.boots)
        self.press()
        await asyncio.sleep(seconds)
        self.release()
        await asyncio.sleep(0.05)
        await self.rest()
        return self._heard_turn > before and self.boots == boots

    def pull_out(self, *plugs):
        self._stir()
        self.out |= set(plugs)

    def put_back(self, *plugs):
        self._stir()
        self.out -= set(plugs)

    def break_ring(self):
        self._stir()
        self._ring_is_broken = True
        self.ring.fail()

    def mend_ring(self):
        self._stir()
        self._ring_is_broken = False
        self.ring.mend()

    async def stop(self):
        """SIGTERM; return when the next process lives."""
        await self._end("SIGTERM")

    async def crash(self):
        """SIGKILL; return when the next process lives."""
        await self._end("SIGKILL")

    async def _end(self, ending):
        boots = self.boots
        self._ending = ending
        self._order.set()
        while self.boots == boots:  # noqa: ASYNC110 - a look costs nothing, time jumps
            await asyncio.sleep(LOOK_S)

    def _stir(self):
        self._told_at = self.clock()
        self._stirred.set()

    async def live(self, script):
        """Be an agent, again and again, for as long as the script lasts."""
        await self._boot()
        processes = asyncio.ensure_future(self._processes())
        playing = asyncio.ensure_future(script)
        try:
            await asyncio.wait({processes, playing}, return_when=asyncio.FIRST_COMPLETED)
            if processes.done():
                processes.result()
            await playing
        finally:
            for task in (processes, playing, self._running):
                task.cancel()
            await asyncio.wait((processes, playing, self._running))
            self._devices.close()
            await self.relay.end()
        if self.relay.bugs:
            raise self.relay.bugs[0]

    async def _processes(self):
        while True:
            order = asyncio.ensure_future(self._order.wait())
            await asyncio.wait({order, self._running}, return_when=asyncio.FIRST_COMPLETED)
            order.cancel()
            if self._running.done():
                self._running.result()
                raise AssertionError("the agent ended without having been told to")
            self._order.clear()
            self.remark(self._ending)
            asked = self.clock()
            if self._ending == "SIGTERM":
                await self.agent.stop()
                await self._running
                assert self.clock() - asked < 2.0, f"took {self.clock() - asked:.2f} s to stop"
            else:
                self._running.cancel()
                await asyncio.wait((self._running,))
            self._devices.close()
            await self._boot()

    async def _boot(self):
        self.boots += 1
        self._devices = self._plugged_in()
        self._heard_turn = 0
        tally = Tally(self.clock)
        told = _All((Journal(self._send, self.clock), tally, self))
        agent = self.agent = Agent(self._devices, self.relay.dial, Settings(), Turns(told, self.clock), self.clock)
        monitor = Monitor(
            told,
            tally,
            _Board(),
            agent.now,
            lambda: agent.session.is_resting,
            version="0",
            metrics_file=None,
            clock=self.clock,
            wall_clock=lambda: self.clock() + self.wall_is_ahead_s,
        )
        self._running = asyncio.ensure_future(agent.run(self._stepping, (monitor.run,)))
        await asyncio.sleep(0)

    def _plugged_in(self):
        plugs = Plugs()
        self.button, self.ring = FingerButton(self.clock, self.bounce), MemoryRing(1)
        if self._finger_is_down:
            self.button.press()
        if self._ring_is_broken:
            self.ring.fail()
        microphone = ReplugMicrophone(
            partial(self._find, Plug.MICROPHONE, plugs, partial(_Microphone, self)),
            self.clock,
            lambda _seconds: None,
            partial(plugs.tell, Plug.MICROPHONE),
        )
        speaker = ReplugSpeaker(
            partial(self._find, Plug.SPEAKER, plugs, self._new_speaker),
            self.clock,
            lambda _descriptor, _longest: True,
            partial(plugs.tell, Plug.SPEAKER),
        )
        return Devices(microphone, speaker, self.button, self.ring, plugs)

    def _find(self, plug, plugs, make):
        self.must_be_in(plug)
        plugs.tell(plug, "USB card")
        return make()

    def _new_speaker(self):
        self._speaker = _Speaker(self)
        return self._speaker

    def must_be_in(self, plug):
        if self.out and plug in self.out:
            raise DeviceMissing(f"the {plug.value} is out")

    def sound(self, _first, count):
        return np.full(count, SPEECH if self._finger_is_down else 0, np.int16)

    @contextmanager
    def _stepping(self, steps, failed, _wake):
        """As `agent.threads.repeating`, but on the loop: a step each period, or seldom while the corner is idle."""
        task = asyncio.ensure_future(self._every_period(steps, failed))
        try:
            yield
        finally:
            task.cancel()

    async def _every_period(self, steps, failed):
        try:
            while True:
                if self.is_idle():
                    await self._doze()
                period = int(self.clock() / PERIOD_S) + 1
                await asyncio.sleep(period * PERIOD_S + PHASE_S - self.clock())
                steps["capture"]()
                self._filled(steps["playout"])
        except Exception as trouble:  # noqa: BLE001 - as a thread's body
            failed(trouble)

    async def _doze(self):
        self._stirred.clear()
        try:
            async with asyncio.timeout(DOZE_S):
                await self._stirred.wait()
        except TimeoutError:
            return

    def _filled(self, step):
        """A writer that has room goes on at once."""
        step()
        for _ in range(QUEUE_SAMPLES // PERIOD_SAMPLES):
            if self.out or self._speaker is None or self._speaker.queued() + PERIOD_SAMPLES > QUEUE_SAMPLES:
                return
            step()


class _All:
    def __init__(self, observers):
        self._observers = observers

    def note(self, kind, *, at=None, **facts):
        for observer in self._observers:
            observer.note(kind, at=at, **facts)


class _Board:
    def read(self):
        return WELL

    async def ask_wifi(self):
        pass


class _Microphone(Microphone):
    def __init__(self, corner):
        super().__init__(corner.clock, corner.sound)
        self._corner = corner

    def read(self):
        self._corner.must_be_in(Plug.MICROPHONE)
        return super().read()

    def waiting(self):
        self._corner.must_be_in(Plug.MICROPHONE)
        return super().waiting()


class _Speaker(FileSpeaker):
    def __init__(self, corner):
        super().__init__(corner.clock, lambda _descriptor, _longest: True)
        self._corner = corner

    def wait(self, wake):
        self._corner.must_be_in(Plug.SPEAKER)
        return super().wait(wake)

    def write(self, pcm):
        self._corner.must_be_in(Plug.SPEAKER)
        return super().write(pcm)

    def queued(self):
        self._corner.must_be_in(Plug.SPEAKER)
        return super().queued()

    def drop(self):
        if Plug.SPEAKER not in self._corner.out:
            super().drop()
