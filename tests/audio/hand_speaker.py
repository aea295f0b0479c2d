"""A speaker moved by hand: nothing is heard until the test lets time pass."""

import numpy as np

from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, Seconds

ROOM = 3 * PERIOD_SAMPLES


class HandWake:
    def __init__(self):
        self.is_set = False

    def set(self):
        self.is_set = True

    def clear(self):
        was, self.is_set = self.is_set, False
        return was


class HandSpeaker:
    """Obeys the rules of a real one: whole periods, only where there is room; knows the truth about what was heard."""

    def __init__(self):
        self.heard = np.zeros(0, np.int16)
        self.drops = 0
        self._queue = np.zeros(0, np.int16)
        self._dry = False

    def wait(self, wake):
        return len(self._queue) + PERIOD_SAMPLES <= ROOM

    def write(self, pcm):
        assert pcm.shape == (PERIOD_SAMPLES,), "a card takes whole periods"
        assert pcm.dtype == np.int16
        assert len(self._queue) + PERIOD_SAMPLES <= ROOM, "a write without room would block"
        was, self._dry = self._dry, False
        self._queue = np.concatenate((self._queue, pcm))
        return was

    def queued(self):
        return len(self._queue)

    def drop(self):
        self.drops += 1
        self._dry = False
        self._queue = self._queue[:0]

    def close(self):
        self._queue = self._queue[:0]

    def now(self):
        return Seconds(len(self.heard) / SAMPLE_RATE_HZ)

    def let_pass(self, samples):
        """Let so much time pass; a card without samples plays zeros."""
        sound, self._queue = self._queue[:samples], self._queue[samples:]
        self._dry |= len(sound) < samples
        self.heard = np.concatenate((self.heard, sound, np.zeros(samples - len(sound), np.int16)))
