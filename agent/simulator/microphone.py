"""A microphone in a silent room: it hears what it is told to hear, in real time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, Pcm, Seconds

BUFFER_PERIODS = 20
"""What the simulated card keeps for a late reader: 200 ms, as `agent/devices/alsa.py` asks of a real one."""


class FileMicrophone:
    """
    A `Microphone` that hears zeros and what was queued by `say`. Nothing is kept.

    Time begins with the first `read`. Periods are due at fixed moments, so that a reader that was late
    catches up without drift; one that is later than the card's buffer loses what it did not fetch, speech too.

    Threads: `say` and `said_all` may be called by any; everything else is the capture thread's.

    Args:
        clock: Monotonic seconds.
        sleep: Lets so many seconds pass on that clock.
        tap: Is given each period as it is read.

    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[Seconds], None],
        tap: Callable[[Pcm], None] | None = None,
    ) -> None:
        self.overruns = 0
        self._clock, self._sleep, self._tap = clock, sleep, tap
        self._speech: deque[Pcm] = deque()
        self._reading_speech = False
        self._began: float | None = None
        self._periods_read = 0

    def say(self, pcm: Pcm) -> None:
        """Be heard from the next period on, or after what was said before; any length, returns at once."""
        silence = np.zeros(-len(pcm) % PERIOD_SAMPLES, np.int16)
        whole = np.concatenate((pcm, silence)).astype(np.int16)
        self._speech.extend(whole.reshape(-1, PERIOD_SAMPLES))

    def said_all(self) -> bool:
        """Whether all that was said has been read, and the reader has come back for more."""
        return not self._speech

    def read(self) -> Pcm:
        """Block until one period is there and return it: shape (240,)."""
        self._forget_what_was_read()
        self._skip_what_was_lost()
        self._sleep_until_due()
        self._periods_read += 1
        self._reading_speech = bool(self._speech)
        period = self._speech[0] if self._reading_speech else np.zeros(PERIOD_SAMPLES, np.int16)
        if self._tap is not None:
            self._tap(period)
        return period

    def waiting(self) -> int:
        """Samples captured and not yet read, as many as the simulated card keeps."""
        return min(BUFFER_PERIODS, max(0, self._position() // PERIOD_SAMPLES - self._periods_read)) * PERIOD_SAMPLES

    def close(self) -> None:
        """Nothing to let go of."""

    def _forget_what_was_read(self) -> None:
        if self._reading_speech:
            self._speech.popleft()
            self._reading_speech = False

    def _skip_what_was_lost(self) -> None:
        late = self._position() // PERIOD_SAMPLES - self._periods_read
        if late <= BUFFER_PERIODS:
            return
        self.overruns += 1
        self._periods_read += late
        for _ in range(min(late, len(self._speech))):
            self._speech.popleft()

    def _sleep_until_due(self) -> None:
        due = (self._periods_read + 1) * PERIOD_SAMPLES
        while (missing := due - self._position()) > 0:
            self._sleep(Seconds(missing / SAMPLE_RATE_HZ))

    def _position(self) -> int:
        """Samples since the first read. Whole ones: a remainder below the clock's resolution would never pass."""
        now = self._clock()
        if self._began is None:
            self._began = now
        return int((now - self._began) * SAMPLE_RATE_HZ)
