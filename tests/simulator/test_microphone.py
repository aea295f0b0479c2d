import numpy as np
import pytest

from agent.simulator.microphone import FileMicrophone
from agent.units import PERIOD_SAMPLES
from tests.simulator.stepped import SteppedTime


@pytest.fixture
def clock():
    return SteppedTime()


@pytest.fixture
def microphone(clock):
    return FileMicrophone(clock, clock.sleep)


def speech(periods, extra=0):
    return np.arange(1, periods * PERIOD_SAMPLES + extra + 1).astype(np.int16)


def heard(microphone, periods):
    return np.concatenate([microphone.read() for _ in range(periods)])


def test_a_silent_room_is_silent(microphone):
    assert not heard(microphone, 3).any()


def test_what_is_said_is_heard_once_from_the_next_period_on(microphone):
    microphone.read()
    microphone.say(speech(2))
    assert heard(microphone, 3).tolist() == [*speech(2), *[0] * PERIOD_SAMPLES]


def test_a_last_part_of_a_period_is_filled_up_with_silence(microphone):
    microphone.say(speech(1, extra=7))
    assert heard(microphone, 2).tolist() == [*speech(1, extra=7), *[0] * (PERIOD_SAMPLES - 7)]


def test_all_is_said_only_when_the_reader_came_back_for_more(microphone):
    microphone.say(speech(1))
    microphone.read()
    assert not microphone.said_all()
    microphone.read()
    assert microphone.said_all()


def test_a_reader_that_was_a_little_late_catches_up_without_drift(microphone, clock):
    microphone.read()
    began = clock()
    clock.sleep(0.15)
    heard(microphone, 15)
    assert clock() == pytest.approx(began + 0.15)
    heard(microphone, 1000)
    assert clock() == pytest.approx(began + 10.15)
    assert microphone.overruns == 0


def test_a_reader_later_than_the_buffer_loses_what_it_did_not_fetch(microphone, clock):
    microphone.say(speech(50))
    microphone.read()
    clock.sleep(0.3)
    assert heard(microphone, 19).tolist() == speech(50)[31 * PERIOD_SAMPLES :].tolist()
    assert microphone.overruns == 1


def test_the_time_before_the_first_read_is_no_overrun(microphone, clock):
    microphone.say(speech(1))
    clock.sleep(60)
    assert microphone.read().tolist() == speech(1).tolist()
    assert microphone.overruns == 0


def test_a_tap_hears_each_period(clock):
    tapped = []
    microphone = FileMicrophone(clock, clock.sleep, tapped.append)
    microphone.say(speech(1))
    heard(microphone, 2)
    assert np.concatenate(tapped).tolist() == [*speech(1), *[0] * PERIOD_SAMPLES]
