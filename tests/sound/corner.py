"""The whole agent on the rig: its real threads and rooms, a far end in memory, and somebody who speaks."""

import asyncio
import time
from contextlib import asynccontextmanager, closing
from functools import partial

import numpy as np

from agent.app import Agent, monotonic
from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.ports import Devices, Plug, Plugs
from agent.devices.replug import ReplugMicrophone, ReplugSpeaker
from agent.devices.wake import EventWake, until_woken
from agent.settings import Settings
from agent.simulator.button import FingerButton
from agent.simulator.ring import MemoryRing
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ

LEDS = 16
FINGER_S = 0.15
"""From the last word to the finger that comes up."""


def devices(button):
    """Microphone and speaker of the rig, as `agent.devices.raspberry_pi` would wire those of a card."""
    plugs = Plugs()

    def found(kind, device, plug):
        opened = kind(device)
        plugs.tell(plug, str(opened.granted))
        return opened

    return Devices(
        ReplugMicrophone(
            partial(found, AlsaMicrophone, "rig_microphone", Plug.MICROPHONE),
            monotonic,
            time.sleep,
            partial(plugs.tell, Plug.MICROPHONE),
        ),
        ReplugSpeaker(
            partial(found, AlsaSpeaker, "rig_speaker", Plug.SPEAKER),
            monotonic,
            until_woken,
            partial(plugs.tell, Plug.SPEAKER),
        ),
        button,
        MemoryRing(LEDS),
        plugs,
    )


def speak(pcm):
    """Say it into the rig's microphone; returns when it was said."""
    whole = np.concatenate((pcm, np.zeros(-len(pcm) % PERIOD_SAMPLES, np.int16)))
    with closing(EventWake()) as wake, closing(AlsaSpeaker("rig_voice")) as mouth:
        for period in whole.reshape(-1, PERIOD_SAMPLES):
            mouth.wait(wake)
            mouth.write(period)
        while mouth.queued():
            time.sleep(PERIOD_SAMPLES / SAMPLE_RATE_HZ)


class Corner:
    """One agent on the rig, and all that it told its observer: (kind, facts) in order."""

    def __init__(self, dial):
        self.notes = []
        self.button = FingerButton(monotonic)
        self.agent = Agent(devices(self.button), dial, Settings(), self)

    def note(self, kind, *, at=None, **facts):
        """Observe the agent."""
        self.notes.append((kind, facts))

    def count(self, kind, **facts):
        """How many notes of this kind have all these facts."""
        return sum(noted == kind and told.items() >= facts.items() for noted, told in self.notes)

    @asynccontextmanager
    async def living(self):
        """Run it, and let no failure of it pass."""
        running = asyncio.create_task(self.agent.run())
        try:
            yield
        finally:
            if not running.done():
                await self.agent.stop()
            await running

    async def until(self, kind, more_than=0, within=10.0, **facts):
        """Wait for more notes of this kind than so many."""
        try:
            async with asyncio.timeout(within):
                while self.count(kind, **facts) <= more_than:  # noqa: ASYNC110  notes come from the loop itself
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"no {kind} {facts} in {self.notes[-12:]}") from None

    async def ask(self, pcm):
        """Press, say it, release."""
        self.button.press()
        await asyncio.to_thread(speak, pcm)
        await asyncio.sleep(FINGER_S)
        self.button.release()
