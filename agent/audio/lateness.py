"""How late the chunks of a reply usually come, against its earliest one."""

from __future__ import annotations

import numpy as np

from agent.units import SAMPLE_RATE_HZ, Seconds

WINDOW = Seconds(0.5)
"""One lateness is learnt per so much time, the greatest: NetEQ's resampling interval, about five chunks."""

SLOT = Seconds(0.020)
"""Resolution of what is learnt: two periods; finer makes no difference to the cushion."""

SLOTS = 50
"""Lateness beyond 1 s counts as 1 s: no cushion is built for more."""

FORGET = 0.983
"""Weight of the past at each lesson (NetEQ): half of what is known is some 40 lessons, 20 s of arrivals, old."""

QUANTILE = 0.95
"""Share of the windows that the usual lateness covers (NetEQ); 0.90 to 0.99 cost the same within 2 %."""

AT_FIRST = Seconds(0.060)
"""The usual lateness before anything is learnt: what concealment alone bridges."""


class Lateness:
    """
    Learn the usual lateness over replies and interruptions; know how far behind the present reply is played.

    A chunk's offset is its arrival minus its place in the reply; its lateness is its offset minus the smallest one.
    """

    def __init__(self) -> None:
        self.usual = AT_FIRST
        self._shares = 0.5 ** np.arange(1, SLOTS + 1)
        self._lessons = 0
        self.begin(Seconds(0.0))

    def begin(self, at: Seconds) -> None:
        """Measure from here on against a new reply, whose first chunk arrived at `at`."""
        self._earliest, self._since, self._greatest, self._received = float(at), float(at), 0.0, 0

    def arrived(self, at: Seconds, samples: int) -> None:
        """Take note of the next chunk of the reply."""
        offset = at - self._received / SAMPLE_RATE_HZ
        self._earliest = min(self._earliest, offset)
        if at - self._since > WINDOW:
            self._learn()
            self._since, self._greatest = float(at), 0.0
        self._greatest = max(self._greatest, offset - self._earliest)
        self._received += samples

    def margin(self, at: Seconds, played: int) -> Seconds:
        """How late the next chunk may be when `played` samples of the reply are gone at `at`."""
        return Seconds(at - played / SAMPLE_RATE_HZ - self._earliest)

    def _learn(self) -> None:
        self._lessons += 1
        keep = min(FORGET, 1 - 2 / (self._lessons + 1))
        self._shares *= keep
        self._shares[min(SLOTS - 1, int(self._greatest / SLOT))] += 1 - keep
        covered = np.cumsum(self._shares) >= QUANTILE * self._shares.sum()
        self.usual = Seconds((1 + int(np.argmax(covered))) * SLOT)
