"""Cards that are pulled out and put back: noticed once, waited for, found again."""

import numpy as np

from agent.devices.replug import LOOK_EVERY, ReplugMicrophone, ReplugSpeaker
from agent.devices.wake import EventWake
from agent.errors import DeviceMissing
from agent.units import PERIOD_SAMPLES
from tests.audio.hand_speaker import HandSpeaker

WAKE = EventWake()
LOUD = np.full(PERIOD_SAMPLES, 1000, np.int16)


class Socket:
    """Where a card is plugged in or not; cards made here fail when it was pulled out since."""

    def __init__(self, make, plugged=True):
        self.plugged, self.now, self.told, self.opened, self.closed = plugged, 0.0, [], 0, 0
        self._make = make

    def find(self):
        if not self.plugged:
            raise DeviceMissing("no such card")
        self.opened += 1
        self.told.append("found")
        self.card = self._make(self, self.opened)
        return self.card

    def wired(self):
        return (
            self.find,
            lambda: self.now,
            self.rest,
            lambda trouble: self.told.append(str(trouble)),
        )

    def rest(self, *how_long):
        self.now += how_long[-1]
        return False


class Ear:
    def __init__(self, socket, number):
        self._socket, self._number = socket, number
        self.overruns = 0

    def read(self):
        if not self._socket.plugged or self._number != self._socket.opened:
            raise DeviceMissing("pulled out")
        self._socket.now += 0.01
        return LOUD

    def waiting(self):
        return 2 * PERIOD_SAMPLES

    def close(self):
        self._socket.closed += 1


class Mouth(HandSpeaker):
    def __init__(self, socket, number):
        super().__init__()
        self._socket = socket

    def _check(self):
        if not self._socket.plugged:
            raise DeviceMissing("pulled out")

    def wait(self, wake):
        self._check()
        return super().wait(wake)

    def write(self, pcm):
        self._check()
        return super().write(pcm)

    def queued(self):
        self._check()
        return super().queued()

    def close(self):
        self._socket.closed += 1


def listened(microphone, seconds, socket):
    """Read for so long; how many periods were heard, how many were silence."""
    until, heard, silent = socket.now + seconds, 0, 0
    while socket.now < until - 1e-9:
        loud = bool(microphone.read().any())
        heard, silent = heard + loud, silent + (not loud)
    return heard, silent


def test_a_microphone_that_is_pulled_out_is_silence_in_real_time_told_once():
    socket = Socket(Ear)
    microphone = ReplugMicrophone(*socket.wired())
    assert listened(microphone, 1.0, socket) == (100, 0)
    socket.plugged = False
    assert listened(microphone, 1.0, socket) == (0, 100)
    assert socket.told == ["found", "pulled out"]
    assert socket.closed == 1


def test_a_microphone_that_is_put_back_is_heard_within_two_seconds():
    socket = Socket(Ear)
    microphone = ReplugMicrophone(*socket.wired())
    microphone.read()
    socket.plugged = False
    listened(microphone, 3.0, socket)
    socket.plugged = True
    heard, silent = listened(microphone, 2.0, socket)
    assert silent <= LOOK_EVERY * 100 + 1
    assert socket.told == ["found", "pulled out", "found"]
    assert heard + silent == 200


def test_a_card_that_is_not_there_at_start_is_told_and_waited_for():
    socket = Socket(Ear, plugged=False)
    microphone = ReplugMicrophone(*socket.wired())
    listened(microphone, 1.0, socket)
    socket.plugged = True
    listened(microphone, 1.0, socket)
    assert socket.told == ["no such card", "found"]
    microphone.close()
    assert socket.closed == 1


def test_a_card_that_is_there_at_start_is_told_once():
    socket = Socket(Ear)
    microphone = ReplugMicrophone(*socket.wired())
    listened(microphone, 1.0, socket)
    assert socket.told == ["found"]


def test_overruns_are_counted_over_all_the_microphones_that_were_plugged_in():
    socket = Socket(Ear)
    microphone = ReplugMicrophone(*socket.wired())
    microphone.read()
    for overruns in (2, 5):
        socket.card.overruns = overruns
        listened(microphone, 0.1, socket)
        socket.plugged = False
        listened(microphone, 0.1, socket)
        socket.plugged = True
        listened(microphone, 2.0, socket)
    assert microphone.overruns == 7


def test_a_microphone_that_hangs_is_not_away_and_does_not_keep_its_reader():
    socket = Socket(Ear)
    microphone = ReplugMicrophone(*socket.wired())
    microphone.read()
    socket.card.read = lambda: LOUD[:0]
    assert microphone.read().shape == (0,)
    assert socket.told == ["found"]


def test_nothing_waits_in_a_microphone_that_is_away():
    socket = Socket(Ear, plugged=False)
    microphone = ReplugMicrophone(*socket.wired())
    assert microphone.waiting() == 0
    socket.plugged, socket.now = True, socket.now + LOOK_EVERY
    assert microphone.waiting() == 2 * PERIOD_SAMPLES


def test_a_speaker_that_is_away_has_no_room_so_that_a_reply_waits():
    socket = Socket(Mouth)
    speaker = ReplugSpeaker(*socket.wired())
    assert speaker.wait(WAKE)
    socket.plugged = False
    assert not speaker.wait(WAKE)
    assert not speaker.write(LOUD)
    socket.plugged, socket.now = True, socket.now + LOOK_EVERY
    assert speaker.wait(WAKE)
    assert socket.told == ["found", "pulled out", "found"]


def test_what_was_queued_when_the_speaker_went_was_never_heard():
    socket = Socket(Mouth)
    speaker = ReplugSpeaker(*socket.wired())
    speaker.wait(WAKE)
    speaker.write(LOUD)
    speaker.write(LOUD)
    socket.plugged = False
    assert speaker.queued() == 2 * PERIOD_SAMPLES
    socket.plugged, socket.now = True, socket.now + LOOK_EVERY
    assert speaker.queued() == 2 * PERIOD_SAMPLES
    speaker.drop()
    assert speaker.queued() == 0


def test_closing_a_speaker_closes_the_card_that_is_there():
    socket = Socket(Mouth)
    speaker = ReplugSpeaker(*socket.wired())
    speaker.close()
    speaker.wait(WAKE)
    speaker.close()
    assert socket.closed == 1
