"""
What every speaker keeps to.

Fixtures: `speaker`; `wake`, a `Wake`; `clock`, which tells the speaker's time in seconds; `sleep`, which lets
seconds pass.
"""

import numpy as np
import pytest

from agent.units import PERIOD_SAMPLES

PERIOD = (4000 * np.sin(np.arange(PERIOD_SAMPLES) * np.pi / 24)).astype(np.int16)


def fill(speaker, wake):
    """Write until there is no room; a wake that is set keeps it from waiting for more."""
    wake.set()
    written = 0
    while speaker.wait(wake):
        speaker.write(PERIOD)
        written += 1
    wake.clear()
    return written


def play(speaker, wake, periods):
    for _ in range(periods):
        assert speaker.wait(wake)
        speaker.write(PERIOD)


def play_to_the_end(speaker, sleep):
    for _ in range(500):
        if speaker.queued() == 0:
            return
        sleep(0.01)


class SpeakerContract:
    def test_nothing_is_queued_at_first(self, speaker):
        assert speaker.queued() == 0

    def test_it_has_room_for_a_few_periods_and_then_no_more(self, speaker, wake):
        assert 2 <= fill(speaker, wake) <= 10
        assert 0 < speaker.queued() <= 10 * PERIOD_SAMPLES

    def test_playing_takes_as_long_as_the_sound_does(self, speaker, wake, clock):
        fill(speaker, wake)
        began = clock()
        play(speaker, wake, 50)
        assert clock() - began > 0.35

    def test_a_steady_writer_is_not_told_of_underruns(self, speaker, wake):
        told = [speaker.write(PERIOD) for _ in range(20) if speaker.wait(wake)]
        # A busy machine may hold a real writer up now and then; a speaker that reports what is none does so always.
        assert sum(told) <= 2

    def test_what_is_queued_is_heard_in_time(self, speaker, wake, sleep):
        fill(speaker, wake)
        assert speaker.queued() > 0
        play_to_the_end(speaker, sleep)
        assert speaker.queued() == 0

    def test_a_wake_ends_the_wait_of_a_full_speaker_at_once(self, speaker, wake):
        fill(speaker, wake)
        wake.set()
        assert speaker.wait(wake) is False
        assert wake.clear() is True

    def test_dropping_leaves_nothing_queued_and_room_to_write(self, speaker, wake):
        fill(speaker, wake)
        speaker.drop()
        assert speaker.queued() == 0
        assert speaker.wait(wake)

    def test_the_first_write_after_a_drop_is_no_underrun(self, speaker, wake, sleep):
        fill(speaker, wake)
        speaker.drop()
        sleep(0.1)
        assert speaker.write(PERIOD) is False
        assert 0 < speaker.queued() <= PERIOD_SAMPLES

    def test_running_dry_is_told_once(self, speaker, wake, sleep):
        fill(speaker, wake)
        play_to_the_end(speaker, sleep)
        sleep(0.05)
        assert speaker.wait(wake)
        assert [speaker.write(PERIOD), speaker.write(PERIOD)] == [True, False]

    @pytest.mark.parametrize("wrong", [PERIOD[:-1], PERIOD.astype(np.float32), np.stack((PERIOD, PERIOD))])
    def test_what_is_not_one_period_of_int16_is_refused(self, speaker, wrong):
        with pytest.raises(ValueError, match="period"):
            speaker.write(wrong)

    def test_closing_with_something_queued_twice_is_fine(self, speaker, wake):
        fill(speaker, wake)
        speaker.close()
        speaker.close()
