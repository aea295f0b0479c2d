from itertools import pairwise

import numpy as np
import pytest

from agent.devices.wake import EventWake
from agent.simulator.speaker import FileSpeaker
from agent.units import PERIOD_SAMPLES, SAMPLES_PER_MS
from tests.simulator.stepped import SteppedTime


class Room:
    """A speaker on stepped time, and an ear."""

    def __init__(self):
        self.clock, self.wake = SteppedTime(), EventWake()
        self.began = self.clock()
        self.recorded, self.tapped = [], []
        self.speaker = FileSpeaker(
            self.clock, self.clock.rest, self.recorded.append, lambda pcm, at: self.tapped.append((pcm, at))
        )

    def play(self, *values):
        """Write periods of these values as there is room."""
        for value in values:
            assert self.speaker.wait(self.wake)
            self.speaker.write(np.full(PERIOD_SAMPLES, value, np.int16))

    def heard(self):
        """What the room heard since the start, as (value, milliseconds)."""
        self.speaker.close()
        samples = np.concatenate(self.recorded)
        edges = [0, *(np.flatnonzero(np.diff(samples)) + 1), len(samples)]
        return [(int(samples[a]), round((b - a) / SAMPLES_PER_MS)) for a, b in pairwise(edges)]


@pytest.fixture
def room():
    room = Room()
    yield room
    room.wake.close()


def test_a_steady_writer_is_heard_without_a_gap(room):
    room.play(1, 2, 3, 4, 5)
    room.clock.sleep(0.03)
    assert room.heard() == [(1, 10), (2, 10), (3, 10), (4, 10), (5, 10)]
    assert room.speaker.underruns == 0


def test_the_recording_has_the_time_axis_of_the_room(room):
    room.clock.sleep(0.1)
    room.play(1)
    room.clock.sleep(2.51)
    room.play(2)
    room.clock.sleep(0.02)
    assert room.heard() == [(0, 100), (1, 10), (0, 2500), (2, 10), (0, 10)]


def test_what_is_dropped_was_never_heard(room):
    room.play(1, 2, 3)
    room.clock.sleep(0.015)
    room.speaker.drop()
    room.clock.sleep(0.005)
    room.play(4)
    room.clock.sleep(0.01)
    assert room.heard() == [(1, 10), (2, 5), (0, 5), (4, 10)]


def test_closing_drops_what_is_queued(room):
    room.play(1, 2)
    room.clock.sleep(0.01)
    assert room.heard() == [(1, 10)]


def test_the_queue_counts_down_with_the_clock(room):
    room.play(1, 2, 3)
    room.clock.sleep(0.004)
    assert room.speaker.queued() == pytest.approx(26 * SAMPLES_PER_MS, abs=1)
    room.clock.sleep(5)
    assert room.speaker.queued() == 0


def test_running_dry_is_counted_and_the_next_period_is_heard_at_once(room):
    room.play(1)
    room.clock.sleep(0.03)
    room.play(2)
    room.clock.sleep(0.01)
    assert room.heard() == [(1, 10), (0, 20), (2, 10)]
    assert room.speaker.underruns == 1


def test_a_writer_that_does_not_wait_is_refused(room):
    room.play(1, 2, 3)
    with pytest.raises(ValueError, match="no room"):
        room.speaker.write(np.zeros(PERIOD_SAMPLES, np.int16))


def test_a_tap_hears_what_was_played_and_when(room):
    room.clock.sleep(0.5)
    room.play(1)
    room.clock.sleep(0.04)
    room.play(2)
    room.clock.sleep(0.01)
    room.speaker.close()
    assert [int(pcm[0]) for pcm, _ in room.tapped] == [1, 2]
    assert [at - room.began for _, at in room.tapped] == pytest.approx([0.5, 0.54], abs=1e-4)


def test_a_caller_may_use_its_buffer_again(room):
    buffer = np.full(PERIOD_SAMPLES, 7, np.int16)
    room.speaker.write(buffer)
    buffer[:] = 9
    room.clock.sleep(0.01)
    assert room.heard() == [(7, 10)]
