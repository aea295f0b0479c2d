"""What does not move is named once, by how long it has not."""

import threading

from agent.liveness import Pulse, Stale, Watch, beating
from agent.threads import repeating

LIMIT = 5.0
PATIENCE_S = 10.0
"""How long a test waits for a thread before it fails; nothing is measured."""


def pulses():
    return Pulse("capture"), Pulse("playout")


def test_what_beats_within_the_limit_is_fresh():
    capture, playout = pulses()
    watch = Watch([capture, playout], LIMIT, began=0.0)
    for now in range(100):
        capture.beat(now)
        playout.beat(now - 4.9)
        assert watch.look(now) == ()
        assert watch.is_fresh


def test_what_stands_still_is_named_once_and_nothing_is_fresh_until_it_moves():
    capture, playout = pulses()
    watch = Watch([capture, playout], LIMIT, began=0.0)
    capture.beat(1.0)
    told = []
    for now in range(20):
        playout.beat(now)
        told += watch.look(now)
        assert watch.is_fresh == (now <= 6)
    assert told == [Stale("capture", 6.0)]
    capture.beat(20.0)
    assert watch.look(20.5) == (Stale("capture", 19.5, moves=True),)
    assert watch.is_fresh
    assert watch.look(26.0) == (Stale("capture", 6.0), Stale("playout", 7.0))


def test_what_never_moved_is_as_old_as_the_watch():
    capture, playout = pulses()
    watch = Watch([capture, playout], LIMIT, began=100.0)
    capture.beat(104.0)
    assert not watch.have_all_begun
    assert watch.look(105.0) == ()
    assert watch.look(106.0) == (Stale("playout", 6.0),)
    playout.beat(107.0)
    assert watch.have_all_begun
    assert watch.look(107.0) == (Stale("playout", 7.0, moves=True),)


def test_a_step_beats_each_time_it_was_done_and_not_while_it_hangs():
    pulse, at, done = Pulse("capture"), iter([1.0, 2.0]), []
    step = beating(pulse, lambda: done.append(pulse.last), lambda: next(at))
    step()
    step()
    assert (done, pulse.last) == ([None, 1.0], 2.0)


def test_of_two_threads_the_one_that_is_stuck_in_a_driver_is_named():
    """The driver is an event that does not come."""
    capture, playout = pulses()
    stuck, driver, moving, failures = threading.Event(), threading.Event(), threading.Event(), []

    def read():
        stuck.set()
        driver.wait()

    def clock():
        return 50.0 if stuck.is_set() else 0.0

    def write():
        if playout.last == 50.0:
            moving.set()

    steps = {"capture": beating(capture, read, clock), "playout": beating(playout, write, clock)}
    with repeating(steps, failures.append, driver.set):
        assert stuck.wait(PATIENCE_S)
        assert moving.wait(PATIENCE_S)
        assert Watch([capture, playout], LIMIT, began=0.0).look(52.0) == (Stale("capture", 52.0),)
    assert failures == []
