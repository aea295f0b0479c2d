"""Playing and hearing at the same time, in memory only: nothing of it is ever written to a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from agent.devices.ports import Microphone, Speaker, Wake
from agent.threads import repeating
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, Pcm, Seconds

WARM_UP: Final = Seconds(1.0)
"""Silence before anything that is measured: cards fade in, and gain controls settle."""


@dataclass(frozen=True, slots=True)
class Played:
    """When the first period of a sound was written, and how much was queued before it then."""

    at: Seconds
    queued: Seconds


class Recorder:
    """
    Keeps what a microphone hears, and when it was heard.

    Threads: `step` belongs to one; the rest is read after it has ended, `samples` at any time.
    """

    def __init__(self, microphone: Microphone, clock: Callable[[], Seconds]) -> None:
        self.samples = 0
        self._microphone, self._clock = microphone, clock
        self._periods: list[Pcm] = []
        self._began: float | None = None

    def step(self) -> None:
        """Read one period."""
        period = self._microphone.read()
        self._periods.append(period)
        self.samples += len(period)
        now = self._clock()
        began = now - (self.samples + self._microphone.waiting()) / SAMPLE_RATE_HZ
        # We can be late to look, never early: of all that we saw, the earliest is nearest to the truth.
        self._began = began if self._began is None else min(self._began, began)

    def pcm(self) -> Pcm:
        """All that was heard, shape (n,)."""
        return np.concatenate((*self._periods, np.zeros(0, np.int16)))

    def moment(self, sample: float) -> Seconds:
        """When this sample was captured, on the clock."""
        return Seconds((self._began or 0.0) + sample / SAMPLE_RATE_HZ)

    def sample(self, moment: Seconds) -> int:
        """Which sample was captured at this moment."""
        return max(0, round((moment - (self._began or 0.0)) * SAMPLE_RATE_HZ))


@contextmanager
def recording(microphone: Microphone, clock: Callable[[], Seconds]) -> Iterator[Recorder]:
    """Hear for as long as the context lasts; what the microphone raised is raised at its end."""
    recorder = Recorder(microphone, clock)
    with running({"recorder": recorder.step}, lambda: None):
        yield recorder


@contextmanager
def running(steps: dict[str, Callable[[], None]], wake: Callable[[], None]) -> Iterator[None]:
    """Run each step over and over on a thread of its own; what one of them raised is raised at the end."""
    died: list[BaseException] = []
    with repeating(steps, died.append, wake):
        yield
    for exc in died:
        raise exc


def play(speaker: Speaker, wake: Wake, pcm: Pcm, clock: Callable[[], Seconds]) -> Played:
    """Write all of it, the last period filled up with silence; return while the last periods are still queued."""
    whole = np.concatenate((pcm, np.zeros(-len(pcm) % PERIOD_SAMPLES, np.int16)))
    played: Played | None = None
    for start in range(0, len(whole), PERIOD_SAMPLES):
        while not speaker.wait(wake):
            wake.clear()
        played = played or Played(clock(), Seconds(speaker.queued() / SAMPLE_RATE_HZ))
        speaker.write(whole[start : start + PERIOD_SAMPLES])
    assert played is not None, "there was nothing to play"
    return played


def silence(length: Seconds) -> Pcm:
    """Make so much of nothing."""
    return np.zeros(round(length * SAMPLE_RATE_HZ), np.int16)
