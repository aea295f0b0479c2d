"""A student for the benchmarks, and the news they wait for."""

from __future__ import annotations

import threading
import time

from agent.app import monotonic
from agent.units import SAMPLE_RATE_HZ

PATIENCE_S = 15.0
"""Longer than anything here may take: the agent itself gives a reply up after 10 s."""


class News:
    """An observer that keeps only how many facts of each kind there were, and wakes whoever waits for one."""

    def __init__(self):
        self._changed = threading.Condition()
        self._counts = {}

    def note(self, kind, *, at=None, **facts):
        with self._changed:
            self._counts[kind] = self.count(kind) + 1
            self._changed.notify_all()

    def count(self, kind):
        """How many facts of this kind there were."""
        return self._counts.get(kind, 0)

    def wait(self, kind, more_than):
        """Block until there were more facts of this kind than that."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.count(kind) > more_than, PATIENCE_S):
                raise TimeoutError(f"no {kind} within {PATIENCE_S:g} s")


class Student:
    """A student on a thread of their own, who presses and releases at any moment of the loop and of the periods."""

    def __init__(self, microphone, button, news):
        self._microphone, self._button, self._news = microphone, button, news
        self.presses, self.releases = [], []

    def ask(self, speech):
        """Press, say it, release."""
        self.press()
        self._microphone.say(speech)
        time.sleep(len(speech) / SAMPLE_RATE_HZ)
        self.release()

    def ask_and_wait(self, speech, kind):
        """Ask, and wait for the next fact of this kind: "sound" or "heard"."""
        before = self._news.count(kind)
        self.ask(speech)
        self._news.wait(kind, before)

    def press(self):
        self.presses.append(monotonic())
        self._button.press()

    def release(self):
        self.releases.append(monotonic())
        self._button.release()
