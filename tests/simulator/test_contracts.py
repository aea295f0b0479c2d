"""The simulated devices keep to the same contracts as the real ones."""

import pytest

from agent.devices.wake import EventWake
from agent.simulator.button import FingerButton
from agent.simulator.microphone import FileMicrophone
from agent.simulator.ring import MemoryRing
from agent.simulator.speaker import FileSpeaker
from tests.contracts.button import ButtonContract
from tests.contracts.microphone import MicrophoneContract
from tests.contracts.ring import RingContract
from tests.contracts.speaker import SpeakerContract
from tests.simulator.stepped import SteppedTime


@pytest.fixture
def clock():
    return SteppedTime()


@pytest.fixture
def sleep(clock):
    return clock.sleep


@pytest.fixture
def wake():
    wake = EventWake()
    yield wake
    wake.close()


class TestFileMicrophone(MicrophoneContract):
    @pytest.fixture
    def microphone(self, clock):
        return FileMicrophone(clock, clock.sleep)


class TestFileSpeaker(SpeakerContract):
    @pytest.fixture
    def speaker(self, clock):
        return FileSpeaker(clock, clock.rest)


@pytest.mark.parametrize("bounce", [(), (0.001, 0.002, 0.0035, 0.006)], ids=["clean", "bouncing"])
class TestFingerButton(ButtonContract):
    @pytest.fixture
    def button(self, clock, bounce):
        return FingerButton(clock, bounce)

    @pytest.fixture
    def press(self, button, clock):
        return lambda: (button.press(), clock.sleep(0.1))

    @pytest.fixture
    def release(self, button, clock):
        return lambda: (button.release(), clock.sleep(0.1))


@pytest.mark.parametrize("leds", [1, 12, 24])
class TestMemoryRing(RingContract):
    @pytest.fixture
    def ring(self, leds):
        return MemoryRing(leds)
