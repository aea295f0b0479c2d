"""What every microphone keeps to. Fixtures: `microphone`, and `clock`, which tells its time in seconds."""

import numpy as np

from agent.units import PERIOD_SAMPLES


class MicrophoneContract:
    def test_a_period_is_10_ms_of_mono_int16(self, microphone):
        for _ in range(5):
            period = microphone.read()
            assert (period.shape, period.dtype) == ((PERIOD_SAMPLES,), np.int16)

    def test_reading_takes_as_long_as_the_sound_does(self, microphone, clock):
        microphone.read()
        began = clock()
        for _ in range(50):
            microphone.read()
        # A card may have some of it ready; that it takes longer on a busy machine is not its fault.
        assert clock() - began > 0.35

    def test_what_waits_is_read_without_waiting_for_it(self, microphone, clock):
        microphone.read()
        microphone.read()
        waiting = microphone.waiting()
        assert waiting >= 0
        for _ in range(waiting // PERIOD_SAMPLES):
            assert microphone.read().shape == (PERIOD_SAMPLES,)

    def test_closing_twice_is_fine(self, microphone):
        microphone.read()
        microphone.close()
        microphone.close()
