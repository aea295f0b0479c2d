"""
The process that `footprint` measures: an agent without a screen, or bare loops over the same devices.

`python -m tests.benchmarks.headless agent URL` or `... bare`. Says `up` when there is a session, or when the loops run,
then obeys `talk` and `rest` until standard input ends; says `rest` and the number of turns when it has come to rest.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from contextlib import closing

import numpy as np

from agent.app import Agent, monotonic
from agent.devices.ports import Devices
from agent.devices.wake import EventWake, until_woken
from agent.link.dialler import dialler
from agent.settings_sources import load
from agent.simulator.button import FingerButton
from agent.simulator.lesson import SPEECH
from agent.simulator.microphone import FileMicrophone
from agent.simulator.ring import MemoryRing
from agent.simulator.speaker import FileSpeaker
from agent.simulator.wav import read_wav
from agent.threads import repeating
from agent.units import PERIOD_SAMPLES
from tests.benchmarks.student import News, Student

SILENCE = np.zeros(PERIOD_SAMPLES, np.int16)


def say(*words):
    """One line to whoever measures."""
    sys.stdout.write(" ".join(str(word) for word in words) + "\n")
    sys.stdout.flush()


class Lesson:
    """Turn after turn on a thread of its own, while there is to be talk."""

    def __init__(self, student):
        self._student, self._talking, self._over = student, threading.Event(), False
        self._turns = 0
        self._questions = [read_wav(wav) for wav in sorted(SPEECH.glob("*-short.wav"))]

    def obey(self):
        """Do as one is told until there is nobody to tell."""
        thread = threading.Thread(target=self._run)
        thread.start()
        for order in sys.stdin:
            (self._talking.set if order.strip() == "talk" else self._talking.clear)()
        self._over = True
        self._talking.set()
        thread.join()

    def _run(self):
        while True:
            if not self._talking.is_set():
                say("rest", self._turns)
            self._talking.wait()
            if self._over:
                return
            self._student.ask_and_wait(self._questions[self._turns % len(self._questions)], "heard")
            self._turns += 1


async def agent(url):
    """Be an agent with a student."""
    settings = load(None, os.environ, relay={"url": url})
    microphone, speaker = FileMicrophone(monotonic, time.sleep), FileSpeaker(monotonic, until_woken)
    button, news = FingerButton(monotonic), News()
    devices = Devices(microphone, speaker, button, MemoryRing(settings.ring.leds))
    one = Agent(devices, dialler(settings, os.environ, monotonic), settings, news)
    running = asyncio.create_task(one.run())
    await asyncio.to_thread(news.wait, "link", 0)
    say("up", monotonic())
    await asyncio.to_thread(Lesson(Student(microphone, button, news)).obey)
    await one.stop()
    await running


def bare():
    """Only read the microphone and keep the speaker warm."""
    microphone, speaker = FileMicrophone(monotonic, time.sleep), FileSpeaker(monotonic, until_woken)
    with closing(EventWake()) as wake:

        def write():
            if speaker.wait(wake):
                speaker.write(SILENCE)

        with repeating({"capture": microphone.read, "playout": write}, failed=_raised, wake=wake.set):
            say("up", monotonic())
            say("rest", 0)
            sys.stdin.read()


def _raised(trouble):
    raise trouble


if __name__ == "__main__":
    asyncio.run(agent(sys.argv[2])) if sys.argv[1] == "agent" else bare()
