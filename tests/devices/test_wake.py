import os
import select
import threading

import pytest

from agent.devices.wake import EventWake, until_woken
from agent.units import Seconds


@pytest.fixture
def wake():
    wake = EventWake()
    yield wake
    wake.close()


def test_a_flag_that_is_set_twice_is_cleared_once(wake):
    wake.set()
    wake.set()
    assert [wake.clear(), wake.clear()] == [True, False]


def test_looking_does_not_clear(wake):
    wake.set()
    assert until_woken(wake.fileno(), Seconds(0))
    assert select.select([wake], [], [], 0)[0] == [wake]
    assert wake.clear()


def test_nobody_is_woken_by_a_cleared_flag(wake):
    wake.set()
    wake.clear()
    assert not until_woken(wake.fileno(), Seconds(0.001))


def test_another_thread_ends_the_wait(wake):
    setter = threading.Timer(0.01, wake.set)
    setter.start()
    assert until_woken(wake.fileno(), Seconds(20))
    setter.join()


def test_closing_twice_is_fine(wake):
    wake.close()
    wake.close()


def interrupted(real, meanwhile):
    """A call of the kernel's, and what another thread does right after it."""

    def call(*arguments):
        answer = real(*arguments)
        meanwhile()
        return answer

    return call


@pytest.mark.parametrize("call", ["eventfd_read", "eventfd_write"])
def test_a_flag_that_is_set_while_it_is_cleared_is_still_set_afterwards(wake, monkeypatch, call):
    wake.set()
    with monkeypatch.context() as between:
        if call == "eventfd_read":
            between.setattr(os, call, interrupted(os.eventfd_read, wake.set))
            wake.clear()
        else:
            wake.clear()
            between.setattr(os, call, interrupted(os.eventfd_write, wake.clear))
            wake.set()
    assert until_woken(wake.fileno(), Seconds(0))
    assert wake.clear()
    assert not until_woken(wake.fileno(), Seconds(0))
