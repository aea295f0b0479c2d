"""
A corner made of a sound server, mock pins, a board of files and a person of code: `--hardware tests.hw.rig`.

RIG_FAULTS names what is wrong with it.
"""

import os
import threading
import wave
from contextlib import closing
from pathlib import Path

import numpy as np
from gpiozero.pins.mock import MockFactory, MockPWMPin

import agent
from agent.app import monotonic
from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.wake import EventWake
from agent.errors import DeviceMissing
from hw_tests.person import Deed
from hw_tests.sound import play
from hw_tests.test_button import PRESSES
from tests.hw import bare
from tests.sound.conftest import pause

HISS = 12
"""RMS, in units of int16: -69 dBFS. A null sink is a room without air; real ones hiss."""

HELD_S = 0.040
STALLED_S = 0.100
"""Three times what a speaker holds."""

WORN_S = 0.045
"""How long a worn contact chatters: longer than the agent waits for it to settle."""


class Microphone(AlsaMicrophone):
    def __init__(self, corner):
        corner.look_for_plug()
        super().__init__("rig_microphone")
        self._corner = corner
        self._random = np.random.default_rng(1)

    def read(self):
        pcm = super().read()
        self._corner.look_for_plug()
        if "muted" in self._corner.faults:
            return np.zeros_like(pcm)
        heard = pcm + self._random.normal(0, HISS, len(pcm))
        return np.rint(np.clip(heard, -32768, 32767)).astype(np.int16)


class Speaker(AlsaSpeaker):
    def __init__(self, corner):
        corner.look_for_plug()
        super().__init__("rig_speaker")
        self._corner, self._writes = corner, 0

    def write(self, pcm):
        self._corner.look_for_plug()
        self._writes += 1
        if "slow" in self._corner.faults and self._writes % 50 == 0:
            pause(STALLED_S)
        return super().write(pcm)


class Corner(bare.Corner):
    def __init__(self, settings, person):
        super().__init__(settings, person)
        self.faults = os.environ["RIG_FAULTS"].split()
        self.lgpio = self.root / "lgpio.py"
        self.run = self._answers
        self.plugged, self.factory = True, None
        if "nobody" not in self.faults:
            self.person = Person(self)

    def _answers(self, command):
        bits = "0x50000" if "sagging" in self.faults else "0x0"
        return {"timedatectl": "yes", "vcgencmd": f"throttled={bits}"}.get(command[0])

    def look_for_plug(self):
        if not self.plugged:
            raise DeviceMissing("pulled out")

    def is_plugged(self, direction):
        return self.plugged

    def microphone(self):
        return Microphone(self)

    def speaker(self):
        return Speaker(self)

    def pins(self):
        self.factory = MockFactory(pin_class=MockPWMPin)
        return self.factory


class Person:
    """Does what is asked, on a thread where it is not waited for; sees what is to be seen."""

    def __init__(self, corner):
        self._corner = corner

    def does(self, deed):
        if deed is not Deed.MEASURE:
            (self._down if deed is Deed.PRESS else self._up)(self._pin())

    def begins(self, deed):
        acts = {
            Deed.PRESS_OFTEN: self._press_often,
            Deed.SPEAK_LOUDLY: self._speak,
            Deed.UNPLUG: lambda: self._plug(False),
            Deed.PLUG: lambda: self._plug(True),
        }
        threading.Thread(target=acts[deed], daemon=True).start()

    def sees(self, question):
        return "blind" not in self._corner.faults

    def reads(self, question):
        return 81.0 if "loud" in self._corner.faults else 62.0

    def _press_often(self):
        pin = self._pin()
        pause(0.2)
        for _ in range(PRESSES):
            self._down(pin)
            pause(HELD_S)
            self._up(pin)
            pause(HELD_S)

    def _pin(self):
        return self._corner.factory.pin(self._corner.settings.button.gpio_pin)

    def _down(self, pin):
        pin.drive_low()
        pin.drive_high()
        if "worn" in self._corner.faults:
            for _ in range(3):
                pause(WORN_S / 3)
                pin.drive_low()
                pin.drive_high()
        pin.drive_low()

    def _up(self, pin):
        pin.drive_high()

    def _speak(self):
        path = Path(agent.__file__).parent / "speech/es-medium.wav"
        with wave.open(str(path)) as file:
            pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
        with closing(AlsaSpeaker("rig_speaker")) as speaker, closing(EventWake()) as wake:
            play(speaker, wake, pcm, monotonic)

    def _plug(self, plugged):
        pause(0.3)
        self._corner.plugged = plugged
