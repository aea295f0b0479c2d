"""Cards that are pulled out and put back, on real ALSA: the sound server is killed and started again."""

import time
from contextlib import closing

import numpy as np
import pytest

from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.replug import ReplugMicrophone, ReplugSpeaker
from agent.devices.wake import EventWake, until_woken
from tests.contracts.speaker import PERIOD

pytestmark = [pytest.mark.sound, pytest.mark.usefixtures("sound_server")]

LOUD = 2000
NOTICED_S, BACK_S = 1.8, 4.0
"""
A second to notice, half a second until it is looked for, with room for a busy machine; a server that has just been
started needs up to 2 s more before it lets the first sound through.
"""


class Told:
    """What became of a card, in order, with its moments."""

    def __init__(self):
        self.facts, self.moments = [], []

    def lost(self, _trouble):
        self._note("lost")

    def finding(self, kind, device):
        """What opens it and says so."""

        def find():
            opened = kind(device)
            self._note("found")
            return opened

        return find

    def _note(self, fact):
        self.facts.append(fact)
        self.moments.append(time.monotonic())


@pytest.fixture
def wake():
    with closing(EventWake()) as wake:
        yield wake


def until(reached, step, within):
    """Do the step until this is reached."""
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < within, "not reached in time"
        step()


def test_a_speaker_that_loses_its_card_in_the_middle_of_a_tone_finds_it_and_plays_on(mortal_server, wake):
    told = Told()
    find = told.finding(AlsaSpeaker, "rig_speaker")
    with closing(ReplugSpeaker(find, time.monotonic, until_woken, told.lost)) as speaker:
        written = 0

        def play():
            nonlocal written
            if speaker.wait(wake):
                speaker.write(PERIOD)
                written += 1

        until(lambda: written == 50, play, within=8)
        mortal_server.kill()
        killed = time.monotonic()
        until(lambda: told.facts == ["found", "lost"], play, within=8)
        assert told.moments[-1] - killed < NOTICED_S
        mortal_server.start()
        started, written = time.monotonic(), 0
        until(lambda: written == 50, play, within=8)
        assert told.facts == ["found", "lost", "found"]
        assert told.moments[-1] - started < BACK_S


def test_a_microphone_that_loses_its_card_while_somebody_speaks_finds_it_and_hears_on(mortal_server, wake):
    mine, theirs = Told(), Told()
    find, voice = mine.finding(AlsaMicrophone, "rig_microphone"), theirs.finding(AlsaSpeaker, "rig_voice")
    with (
        closing(ReplugMicrophone(find, time.monotonic, time.sleep, mine.lost)) as microphone,
        closing(ReplugSpeaker(voice, time.monotonic, until_woken, theirs.lost)) as speaker,
    ):
        loud = 0

        def hear():
            nonlocal loud
            wake.set()  # whoever speaks never keeps the listener waiting
            if speaker.wait(wake):
                speaker.write(PERIOD)
            loud += int(np.abs(microphone.read()).max(initial=0)) > LOUD

        until(lambda: loud > 20, hear, within=8)
        mortal_server.kill()
        killed = time.monotonic()
        until(lambda: mine.facts == ["found", "lost"], hear, within=8)
        assert mine.moments[-1] - killed < NOTICED_S
        mortal_server.start()
        started, loud = time.monotonic(), 0
        until(lambda: loud > 20, hear, within=8)
        assert mine.facts == ["found", "lost", "found"]
        assert mine.moments[-1] - started < BACK_S
