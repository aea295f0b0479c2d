"""What the service manager is told, and what it is not told any more once something stands still."""

import asyncio
import os
import socket
from itertools import pairwise

import pytest

from agent.liveness import Pulse
from agent.notify import USUAL_PATIENCE, Herald, every, to_systemd
from tests.clock import jumping

EVERY = 5.0


class Corner:
    """A herald whose threads beat ten times a second unless they are frozen; what was told, and when."""

    def __init__(self):
        self.clock = asyncio.get_running_loop().time
        self.told, self.stale = [], []
        self.pulses = {name: Pulse(name) for name in ("capture", "playout")}
        self.frozen = {"capture", "playout"}
        self.herald = Herald(self._notified, EVERY, self.clock, lambda: self._notified("ready"), self._stale)

    async def live(self, script):
        parts = [asyncio.ensure_future(part) for part in (self.herald.run([*self.pulses.values()]), self._beat())]
        try:
            await script(self)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.wait(parts)

    def begin(self):
        self.frozen.clear()
        self.herald.note("scene", name="ready")

    def moments(self, line, since=0.0):
        return [at for at, told in self.told if told == line and at >= since]

    def _notified(self, lines):
        self.told.append((self.clock(), lines))

    def _stale(self, stale):
        self.stale.append((self.clock(), stale.name, stale.moves))
        self.herald.note("stale", name=stale.name, age_s=stale.age, moves=stale.moves)

    async def _beat(self):
        while True:
            for name, pulse in self.pulses.items():
                if name not in self.frozen:
                    pulse.beat(self.clock())
            await asyncio.sleep(0.1)


def play(script):
    async def whole():
        corner = Corner()
        await corner.live(script)
        return corner

    return jumping(whole())


@pytest.mark.parametrize("late", ["the ring", "capture", "playout"])
def test_ready_waits_for_the_ring_and_both_threads_and_for_nothing_else(late):
    async def script(corner):
        corner.begin()
        if late == "the ring":
            corner.herald.note("link", up=True, why="")
        else:
            corner.frozen.add(late)
        await asyncio.sleep(3)
        corner.early = corner.moments("READY=1")
        corner.frozen.clear()
        await asyncio.sleep(3)

    async def without_a_ring(corner):
        corner.frozen.clear()
        await asyncio.sleep(3)
        corner.early = corner.moments("READY=1")
        corner.herald.note("scene", name="connecting")
        await asyncio.sleep(3)

    corner = play(without_a_ring if late == "the ring" else script)
    assert corner.early == []
    (ready,) = corner.moments("READY=1")
    assert corner.moments("ready") == [ready]
    assert 3.0 <= ready <= 3.2


def test_while_all_move_the_watchdog_is_told_four_times_in_its_patience():
    async def script(corner):
        corner.begin()
        await asyncio.sleep(60)

    pings = play(script).moments("WATCHDOG=1")
    assert len(pings) in (12, 13)
    assert max(after - before for before, after in pairwise(pings)) <= EVERY + 0.1


@pytest.mark.parametrize("frozen", ["capture", "playout"])
def test_what_stands_still_is_named_once_and_then_there_is_silence(frozen):
    async def script(corner):
        corner.begin()
        await asyncio.sleep(21.5)
        corner.frozen.add(frozen)
        await asyncio.sleep(60)

    corner = play(script)
    ((named, name, moves),) = corner.stale
    assert (name, moves) == (frozen, False)
    assert EVERY < named - 21.5 <= EVERY + 1.2
    assert corner.moments("WATCHDOG=1")[-1] < named
    assert corner.told[-1] == (named, f"STATUS=Stands still: {frozen}. Ready. Connecting to the relay.")


def test_what_moves_again_is_told_the_watchdog_at_once():
    async def script(corner):
        corner.begin()
        await asyncio.sleep(20)
        corner.frozen.add("capture")
        await asyncio.sleep(10)
        corner.frozen.clear()
        corner.mended = corner.clock()
        await asyncio.sleep(10)

    corner = play(script)
    assert [moves for _, _, moves in corner.stale] == [False, True]
    assert corner.moments("WATCHDOG=1", since=corner.mended)[0] <= corner.mended + 1.1
    assert "Stands still" not in corner.told[-2][1] + corner.told[-1][1]


def test_the_loops_own_heart_beats_every_second_for_whoever_looks_from_outside():
    async def script(corner):
        corner.begin()
        for _ in range(100):
            await asyncio.sleep(0.3)
            assert corner.clock() - corner.herald.heart.last <= 1.0

    play(script)


def test_the_sentence_is_told_when_it_changes_and_only_then():
    async def script(corner):
        corner.begin()
        for _ in range(3):
            corner.herald.note("link", up=True, why="")
        await asyncio.sleep(10)
        corner.herald.note("device", which="microphone", found=False, what="not plugged in")

    told = [line for _, line in play(script).told if line.startswith("STATUS=")]
    assert told == [
        "STATUS=Ready. Connecting to the relay.",
        "STATUS=Ready. Link up.",
        "STATUS=Ready. Link up. No microphone.",
    ]


def test_systemd_is_told_on_its_socket(tmp_path, monkeypatch):
    address = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(10)
        notify = to_systemd(os.environ)
        notify("READY=1")
        assert manager.recv(100) == b"READY=1"
    notify("STATUS=a manager that is gone is no reason to end")


def test_without_systemd_nobody_is_told():
    to_systemd({})("READY=1")


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 5.0),
        ({"WATCHDOG_USEC": "8000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
        ({"WATCHDOG_USEC": "8000000", "WATCHDOG_PID": "1"}, USUAL_PATIENCE / 4),
        ({"WATCHDOG_USEC": "0"}, USUAL_PATIENCE / 4),
        ({"WATCHDOG_USEC": "soon"}, USUAL_PATIENCE / 4),
        ({}, USUAL_PATIENCE / 4),
    ],
)
def test_the_unit_says_how_patient_its_watchdog_is(environ, seconds):
    assert every(environ) == seconds
