"""What the gate lets through, in 20 ms frames, and the end of the utterance behind them."""

import numpy as np
import pytest

from agent.audio.capture import Capture
from agent.audio.level import Meter
from agent.units import FRAME_SAMPLES, PERIOD_SAMPLES, EndOfUtterance, Frame


class CountingMicrophone:
    """Every sample of a period is the number of the period; `between` happens while it is read."""

    def __init__(self):
        self.read_so_far = self.behind = self.overruns = 0
        self.between, self.hangs = [], False

    def read(self):
        self.read_so_far += 1
        for act in self.between:
            act()
        self.between = []
        return np.full(0 if self.hangs else PERIOD_SAMPLES, self.read_so_far, np.int16)

    def waiting(self):
        waiting, self.behind = self.behind * PERIOD_SAMPLES, 0
        return waiting

    def close(self):
        """Nothing to let go of."""


class Room:
    """A capture room, stepped by hand."""

    def __init__(self):
        self.microphone, self.meter = CountingMicrophone(), Meter()
        self.delivered, self.now = [], 0.0
        self.capture = Capture(self.microphone, self.delivered.append, self.meter, lambda: self.now)

    def steps(self, periods, *meanwhile):
        """Read so many periods; while the first of them is read, the event loop does something."""
        self.microphone.between = list(meanwhile)
        for _ in range(periods):
            self.capture.step()

    def open(self, turn):
        return lambda: self.capture.open(turn)

    def heard(self):
        """What was delivered: (turn, periods) of a frame, the turn of an end."""
        return [
            (one.turn, one.pcm[::PERIOD_SAMPLES].tolist()) if isinstance(one, Frame) else one.turn
            for one in self.delivered
        ]


@pytest.fixture
def room():
    return Room()


def test_with_the_gate_closed_nothing_is_heard(room):
    room.steps(10)
    assert room.delivered == []
    assert room.meter.level == 0.0
    assert room.capture.periods == 10


def test_the_period_in_which_the_gate_opens_stays_private(room):
    room.steps(1, room.open(1))
    room.steps(2)
    assert room.heard() == [(1, [2, 3])]


def test_speech_is_handed_on_in_frames_of_20_ms(room):
    room.capture.open(1)
    room.steps(5)
    assert room.heard() == [(1, [2, 3]), (1, [4, 5])]
    assert {len(frame.pcm) for frame in room.delivered} == {FRAME_SAMPLES}


def test_the_period_in_which_the_gate_closes_was_spoken_before_the_release(room):
    room.capture.open(1)
    room.steps(3)
    room.steps(3, room.capture.close)
    assert room.heard() == [(1, [2, 3]), (1, [4]), 1]
    assert isinstance(room.delivered[-1], EndOfUtterance)


def test_an_end_on_a_full_frame_has_no_empty_frame_before_it(room):
    room.capture.open(1)
    room.steps(2)
    room.steps(1, room.capture.close)
    assert room.heard() == [(1, [2, 3]), 1]


def test_the_next_turn_begins_behind_the_end_of_the_last(room):
    room.capture.open(1)
    room.steps(2)
    room.steps(1, room.capture.close, room.open(2))
    room.steps(2)
    assert room.heard() == [(1, [2, 3]), 1, (2, [4, 5])]


def test_a_turn_opened_and_closed_within_a_period_has_an_end_all_the_same(room):
    room.steps(1, room.open(1), room.capture.close)
    assert room.heard() == [1]
    room.steps(2)
    room.capture.close()
    room.steps(2)
    assert room.heard() == [1]


def test_a_release_gets_through_while_the_microphone_hangs_and_nothing_is_made_up_for_what_it_did_not_hear(room):
    room.steps(1, room.open(1))
    room.steps(1)
    room.microphone.hangs = True
    room.steps(3)
    room.steps(1, room.capture.close)
    assert room.heard() == [(1, [2]), 1]
    assert room.capture.periods == 2
    room.steps(1, room.open(2))
    room.steps(1, room.capture.close)
    assert room.heard()[2:] == [2], "an utterance without a sound has an end, too"


def test_the_meter_hears_what_the_gate_lets_through(room):
    room.microphone.read_so_far = 10_000
    room.capture.open(1)
    room.steps(1)
    assert room.meter.level == 0.0
    room.steps(1)
    assert room.meter.level > 0.5


def test_a_thread_that_is_late_lets_nothing_through_from_before_the_press(room):
    room.microphone.behind = 5
    room.steps(1, room.open(1))
    room.steps(2)
    assert room.heard() == [(1, [7, 8])]


def test_a_thread_that_is_late_loses_nothing_from_before_the_release(room):
    room.steps(1, room.open(1))
    room.microphone.behind = 3
    room.steps(1, room.capture.close)
    assert room.heard() == [(1, [2, 3]), (1, [4, 5]), 1]


def test_a_thread_that_was_held_up_over_the_release_sends_nothing_from_after_it(room):
    room.steps(1, room.open(1))
    room.microphone.behind = 5

    def release_and_notice_late():
        room.capture.close()
        room.now += 0.030  # three of the five periods that wait were captured since

    room.steps(1, release_and_notice_late)
    assert room.heard() == [(1, [2, 3]), (1, [4]), 1]
