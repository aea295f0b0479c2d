import pytest

from agent.errors import DeviceError
from agent.simulator.ring import MemoryRing

RED, BLACK = ((20, 0, 0),) * 3, ((0, 0, 0),) * 3


def test_it_is_dark_until_something_is_shown_and_after_it_is_closed():
    ring = MemoryRing(3)
    assert ring.colours == BLACK
    ring.show(RED)
    assert ring.colours == RED
    ring.close()
    assert list(ring.shown) == [RED, BLACK]


def test_a_ring_told_to_fail_shows_nothing_until_mended():
    ring = MemoryRing(3)
    ring.fail()
    with pytest.raises(DeviceError):
        ring.show(RED)
    assert ring.colours == BLACK
    ring.mend()
    ring.show(RED)
    assert ring.colours == RED


def test_what_it_remembers_is_bounded():
    ring = MemoryRing(3)
    for _ in range(10_000):
        ring.show(RED)
    assert len(ring.shown) < 1000
