"""What is told of the board when it changes, and what is not told when it only flutters."""

import pytest

from agent.health.watch import CALM, RESTART_AFTER_S, STEADY_S, Change, Watch
from tests.health.well import BOARD, board, nothing_known

MINUTE = 60.0


class Board:
    """Watched once a minute; the wall clock goes with the monotonic one unless it is set."""

    def __init__(self):
        self.watch, self.at, self.ahead = Watch(), 1000.0, 1.7e9

    def told(self, *samples, minutes=1):
        """What was said of these samples: (name, wrong)."""
        changes = []
        for sample in samples:
            self.at += minutes * MINUTE
            changes += self.watch.look(sample, self.at, self.at + self.ahead)
        assert all(isinstance(change, Change) and change.what and "{" not in change.what for change in changes)
        return [(change.name, change.wrong) for change in changes]

    def set(self, seconds):
        self.ahead += seconds
        return self


@pytest.mark.parametrize(
    ("name", "bad", "hardly", "good"),
    [
        ("temperature", board(temperature_c=80.0), board(temperature_c=79.0), board(temperature_c=75.0)),
        ("memory", board(free_memory_mb=99), board(free_memory_mb=119), board(free_memory_mb=120)),
        ("own memory", board(own_memory_mb=120.0), board(own_memory_mb=97.0), board(own_memory_mb=96.0)),
        ("disk", board(free_disk_mb=499), board(free_disk_mb=599), board(free_disk_mb=600)),
    ],
)
def test_a_reading_at_its_limit_does_not_flutter(name, bad, hardly, good):
    watched = Board()
    assert watched.told(BOARD, hardly, bad) == [(name, True)]
    assert watched.told(hardly, bad, nothing_known(), hardly, bad) == []
    assert watched.told(good) == [(name, False)]
    assert watched.told(hardly, good) == []
    assert watched.told(bad) == [(name, True)]


@pytest.mark.parametrize(
    ("name", "bad"), [("disk read-only", board(disk_read_only=True)), ("wifi power save", board(wifi_power_save=True))]
)
def test_what_is_so_or_not_is_told_when_it_changes(name, bad):
    assert Board().told(bad, bad, BOARD, BOARD) == [(name, True), (name, False)]


def test_a_supply_is_good_again_after_ten_good_minutes():
    watched, weak = Board(), board(undervoltage=True)
    assert watched.told(weak) == [("power", True)]
    assert watched.told(*[BOARD] * (CALM - 1), weak, *[BOARD] * (CALM - 1)) == []
    assert watched.told(BOARD) == [("power", False)]


def test_each_trouble_says_what_to_do():
    (change,) = Watch().look(board(undervoltage=True), 0.0, 0.0)
    assert "power supply made for this board" in change.what


def test_a_leak_asks_for_a_restart_but_never_twice_an_hour():
    watched, big = Board(), board(own_memory_mb=150.0)
    assert not watched.watch.restart_wanted
    watched.told(big)
    assert not watched.watch.restart_wanted
    watched.told(big, minutes=RESTART_AFTER_S / MINUTE)
    assert watched.watch.restart_wanted
    watched.told(BOARD)
    assert not watched.watch.restart_wanted


def test_a_pi_without_a_battery_may_be_set_once():
    watched, unset = Board(), board(clock_synchronised=False)
    watched.told(unset)
    assert watched.set(3.2e6).told(BOARD) == [("clock step", False)]
    assert watched.set(-2.0).told(BOARD) == [("clock step", True)]


def test_a_clock_that_was_right_must_not_step_and_is_not_told_each_time():
    watched = Board()
    assert watched.told(BOARD) == []
    assert watched.set(1.5).told(BOARD) == [("clock step", True)]
    assert watched.set(-1.5).told(BOARD) == []
    assert watched.told(BOARD, minutes=STEADY_S / MINUTE - 1) == []
    assert watched.told(BOARD) == [("clock step", False)]
    assert watched.told(BOARD) == []


def test_a_clock_that_is_slewed_does_not_step():
    watched = Board()
    for _ in range(120):
        assert watched.set(0.03).told(BOARD) == []


def test_the_direction_and_the_size_of_a_step_are_told():
    watch = Watch()
    watch.look(BOARD, 0.0, 5000.0)
    (change,) = watch.look(BOARD, 60.0, 5000.0)
    assert "60 s back" in change.what
