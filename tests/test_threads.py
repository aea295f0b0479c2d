"""Steps on threads: repeated, woken, stopped, and never dead in silence."""

import gc
import sys
import threading
from contextlib import contextmanager

import pytest

from agent import threads
from agent.threads import SWITCH_INTERVAL_S, ThreadHangsError, repeating, undisturbed

PATIENCE_S = 10.0
"""How long a test waits for a thread before it fails; nothing is measured."""


def running(name):
    return [thread for thread in threading.enumerate() if thread.name == name]


@contextmanager
def nobody_fails(steps, wake=lambda: None):
    """Repeat steps, none of which may fail."""
    failures = []
    with repeating(steps, failed=failures.append, wake=wake):
        yield
    assert failures == []


def test_each_step_is_repeated_on_a_thread_of_its_name_until_the_context_ends():
    left, enough, names = iter(range(3)), threading.Event(), set()

    def step():
        names.add(threading.current_thread().name)
        if next(left, None) is None:
            enough.set()

    with nobody_fails({"microphone-test": step}):
        assert enough.wait(PATIENCE_S)
    assert names == {"microphone-test"}
    assert not running("microphone-test")


def test_who_waits_is_woken_after_it_was_told_to_stop():
    woken, steps = threading.Event(), []

    def step():
        steps.append(woken.wait(PATIENCE_S))

    with nobody_fails({"waiting-test": step}, wake=woken.set):
        pass
    assert steps in ([], [True])


def test_a_thread_that_dies_says_why_once_and_the_others_go_on():
    failures, died, alive = [], threading.Event(), threading.Event()
    trouble = OSError("unplugged")

    def dies():
        raise trouble

    def lives():
        if died.is_set():
            alive.set()

    def failed(exc):
        failures.append((exc, threading.current_thread().name))
        died.set()

    with repeating({"dies-test": dies, "lives-test": lives}, failed=failed, wake=lambda: None):
        assert died.wait(PATIENCE_S)
        assert alive.wait(PATIENCE_S)
    assert failures == [(trouble, "dies-test")]


def test_an_exit_on_an_audio_thread_is_not_silent_either():
    failures, died = [], threading.Event()

    def failed(exc):
        failures.append(type(exc))
        died.set()

    with repeating({"exits-test": sys.exit}, failed=failed, wake=lambda: None):
        assert died.wait(PATIENCE_S)
    assert failures == [SystemExit]


def test_a_thread_that_does_not_end_is_named_after_all_were_told(monkeypatch):
    monkeypatch.setattr(threads, "JOIN_S", 0.02)
    hangs, at_work = threading.Event(), threading.Event()

    def hang():
        at_work.set()
        hangs.wait()

    with (
        pytest.raises(ThreadHangsError, match=r"hanging-test$"),
        nobody_fails({"hanging-test": hang, "quick-test": lambda: None}),
    ):
        assert at_work.wait(PATIENCE_S)
    assert not running("quick-test")
    (thread,) = running("hanging-test")
    hangs.set()
    thread.join(PATIENCE_S)


def test_what_goes_wrong_inside_still_stops_the_threads():
    with pytest.raises(KeyError), nobody_fails({"innocent-test": lambda: None}):
        raise KeyError
    assert not running("innocent-test")


def test_the_collector_and_the_lock_are_put_back_as_they_were():
    before = gc.isenabled(), sys.getswitchinterval()
    with undisturbed():
        assert not gc.isenabled()
        assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL_S)
    assert (gc.isenabled(), sys.getswitchinterval()) == before
