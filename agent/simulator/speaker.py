"""A speaker made of a clock: it plays in real time into whatever is listening."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from agent.devices.ports import Wake
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, Pcm, Seconds

QUEUE_SAMPLES = 3 * PERIOD_SAMPLES
"""
What the simulated card holds: 30 ms, as `agent/devices/alsa.py` asks of a real one.

Two periods underrun when the writer is 10 ms late, which a busy interpreter is; each further one is 10 ms more
to wait for at the end of a reply (`drop` makes the depth irrelevant to a barge-in).
"""


class FileSpeaker:
    """
    A `Speaker` whose digital-to-analogue converter is a clock that counts samples.

    Playing starts with the first write and stops when the queue has run empty or is dropped; the next write
    starts it again. Nothing is kept: what was really played goes to `record` and `tap`. Underruns are counted.

    Args:
        clock: Monotonic seconds.
        rest: Blocks until a descriptor is readable or so many seconds have passed on that clock;
            tells whether it is readable (`agent.devices.wake.until_woken`).
        record: Is given the sound of the room since this speaker was made, gaplessly: played samples,
            with zeros where nothing was played.
        tap: Is given played samples and the moment the first of them was heard.

    """

    def __init__(
        self,
        clock: Callable[[], float],
        rest: Callable[[int, Seconds], bool],
        record: Callable[[Pcm], None] | None = None,
        tap: Callable[[Pcm, Seconds], None] | None = None,
    ) -> None:
        self.underruns = 0
        self._clock, self._rest, self._record, self._tap = clock, rest, record, tap
        self._began = clock()
        self._queue: deque[Pcm] = deque()
        self._playing = False
        # Positions on the converter's own time axis, in samples since it was made.
        self._settled = 0
        self._end = 0

    def wait(self, wake: Wake) -> bool:
        """Block until there is room for one period, or until `wake` is set; tell whether there is room."""
        while (excess := self.queued() + PERIOD_SAMPLES - QUEUE_SAMPLES) > 0:
            if self._rest(wake.fileno(), Seconds(excess / SAMPLE_RATE_HZ)):
                return self.queued() + PERIOD_SAMPLES <= QUEUE_SAMPLES
        return True

    def write(self, pcm: Pcm) -> bool:
        """
        Queue one period; tell whether the speaker ran dry since the last write.

        Raises:
            ValueError: If it is not one period of int16, or there is no room for it.

        """
        if pcm.shape != (PERIOD_SAMPLES,) or pcm.dtype != np.int16:
            raise ValueError(f"a period is {PERIOD_SAMPLES} samples of int16, not {pcm.shape} of {pcm.dtype}")
        self._settle()
        if self._end - self._settled + PERIOD_SAMPLES > QUEUE_SAMPLES:
            raise ValueError("no room for a period: wait first")
        ran_dry = self._playing and not self._queue
        self.underruns += ran_dry
        self._playing = True
        self._queue.append(pcm.copy())
        self._end = max(self._end, self._settled) + PERIOD_SAMPLES
        return ran_dry

    def queued(self) -> int:
        """Samples written and not yet heard."""
        return max(0, self._end - self._position())

    def drop(self) -> None:
        """Throw away what is queued: silence now."""
        self._settle()
        self._queue.clear()
        self._end = self._settled
        self._playing = False

    def close(self) -> None:
        """Fall silent, and have all that was played recorded; closing twice is fine."""
        self.drop()

    def _position(self) -> int:
        return int((self._clock() - self._began) * SAMPLE_RATE_HZ)

    def _settle(self) -> None:
        """Hand on what the converter has played until now."""
        now = self._position()
        if played := self._take(min(now, self._end) - self._settled):
            pcm = np.concatenate(played)
            self._tell(pcm, Seconds(self._began + self._settled / SAMPLE_RATE_HZ))
            self._settled += len(pcm)
        if now > self._settled:
            self._pad(now - self._settled)
            self._settled = now

    def _take(self, samples: int) -> list[Pcm]:
        taken = []
        while samples > 0:
            first = self._queue.popleft()
            taken.append(first[:samples])
            if len(first) > samples:
                self._queue.appendleft(first[samples:])
            samples -= len(taken[-1])
        return taken

    def _tell(self, pcm: Pcm, at: Seconds) -> None:
        if self._record is not None:
            self._record(pcm)
        if self._tap is not None:
            self._tap(pcm, at)

    def _pad(self, samples: int) -> None:
        if self._record is None:
            return
        # In pieces: a speaker that nobody spoke to all morning must not cost a morning of memory at once.
        for begin in range(0, samples, SAMPLE_RATE_HZ):
            self._record(np.zeros(min(SAMPLE_RATE_HZ, samples - begin), np.int16))
