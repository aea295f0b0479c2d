"""Signals that are heard, and a loop that is looked at, whatever the main thread does."""

import os
import signal
import threading

import pytest

from agent import warden
from agent.warden import SIGNALS, on_guard

PATIENCE_S = 10.0
"""How long a test waits for the thread before it fails; nothing is measured."""


class Guard:
    """What the warden called, as events."""

    def __init__(self):
        self.asked, self.late, self.looked = threading.Event(), threading.Event(), threading.Event()

    def post(self):
        return on_guard(self.asked.set, self.late.set, self.looked.set)


def wardens():
    return [thread for thread in threading.enumerate() if thread.name == "warden"]


@pytest.fixture
def guard():
    before = [signal.getsignal(number) for number in SIGNALS]
    yield Guard()
    assert [signal.getsignal(number) for number in SIGNALS] == before
    for thread in wardens():
        thread.join(PATIENCE_S)
    assert wardens() == []


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_heard_on_the_thread_while_the_main_thread_blocks(guard, monkeypatch, number):
    monkeypatch.setattr(warden, "LEAVE_WITHIN", 0.01)
    with guard.post():
        os.kill(os.getpid(), number)
        assert guard.asked.wait(PATIENCE_S)
        assert guard.late.wait(PATIENCE_S)


def test_who_is_asked_has_to_leave_in_time_even_when_the_context_is_over(guard, monkeypatch):
    monkeypatch.setattr(warden, "LEAVE_WITHIN", 0.05)
    with guard.post():
        os.kill(os.getpid(), signal.SIGTERM)
        assert guard.asked.wait(PATIENCE_S)
    assert guard.late.wait(PATIENCE_S)


def test_the_loop_is_looked_at_again_and_again(guard, monkeypatch):
    monkeypatch.setattr(warden, "LOOK", 0.001)
    with guard.post():
        for _ in range(3):
            assert guard.looked.wait(PATIENCE_S)
            guard.looked.clear()
    assert not guard.asked.is_set()


def test_a_signal_of_somebody_else_is_none_of_its_business(guard):
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with guard.post():
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    for thread in wardens():
        thread.join(PATIENCE_S)
    assert not guard.asked.is_set()


def test_nobody_is_asked_to_leave_when_there_was_no_signal(guard, monkeypatch):
    monkeypatch.setattr(warden, "LEAVE_WITHIN", 0.0)
    with guard.post():
        pass
    for thread in wardens():
        thread.join(PATIENCE_S)
    assert not guard.late.is_set()
