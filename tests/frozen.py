"""
The agent of `reading-corner run` on simulated devices, in a process whose parts can be frozen.

`python -m tests.frozen [no-microphone] [no-speaker] [bug]`, settings from the environment; then, on standard input,
`freeze` or `thaw` and the name of a part: capture, playout, or loop.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager

from agent.devices.ports import Devices, Plug, Plugs
from agent.devices.replug import ReplugMicrophone, ReplugSpeaker
from agent.devices.wake import until_woken
from agent.errors import DeviceMissing
from agent.run_command import run
from agent.simulator.button import FingerButton
from agent.simulator.microphone import FileMicrophone
from agent.simulator.ring import MemoryRing
from agent.simulator.speaker import FileSpeaker

FROZEN = {part: threading.Event() for part in ("capture", "playout", "loop")}
THAWED = {part: threading.Event() for part in FROZEN}


def stand_still(part):
    """Do not return once this part was frozen until it is thawed, as a driver that waits for hardware does not."""
    if FROZEN[part].is_set():
        THAWED[part].wait()


class Microphone(FileMicrophone):
    def read(self):
        stand_still("capture")
        return super().read()


class Speaker(FileSpeaker):
    def wait(self, wake):
        stand_still("playout")
        return super().wait(wake)


class Ring(MemoryRing):
    def show(self, colours):
        stand_still("loop")
        super().show(colours)


class Mistaken(Speaker):
    def wait(self, wake):
        return 1 / 0


def lacking():
    raise DeviceMissing("not plugged in")


@contextmanager
def devices(settings, clock):
    plugs = Plugs()
    microphone, speaker = Microphone(clock, time.sleep), Speaker(clock, until_woken)
    if "bug" in sys.argv:
        speaker = Mistaken(clock, until_woken)
    if "no-microphone" in sys.argv:
        microphone = ReplugMicrophone(lacking, clock, time.sleep, lambda why: plugs.tell(Plug.MICROPHONE, why))
    if "no-speaker" in sys.argv:
        speaker = ReplugSpeaker(lacking, clock, until_woken, lambda why: plugs.tell(Plug.SPEAKER, why))
    everything = Devices(microphone, speaker, FingerButton(clock), Ring(settings.ring.leds), plugs)
    yield everything
    everything.close()


def obey():
    for order in sys.stdin:
        order, part = order.split()
        (FROZEN if order == "freeze" else THAWED)[part].set()


if __name__ == "__main__":
    threading.Thread(target=obey, daemon=True).start()
    sys.exit(run(None, os.environ, devices))
