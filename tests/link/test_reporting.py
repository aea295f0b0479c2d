import asyncio
import json

import numpy as np
import pytest

from agent.link.health import FLOOR, REPORT, request
from agent.link.link import Link
from agent.link.reporting import Reporting, reporting
from agent.link.transport import LinkClosed
from agent.link.uplink import Uplink
from agent.session.memory import Memory
from agent.units import EndOfUtterance, Frame, Seconds
from tests.clock import jumping
from tests.link.transport import FarEnd, MemoryTransport, created, settled

PCM = np.ones(480, np.int16)


def lived(story):
    """Run a test on a loop where time jumps."""

    def test():
        jumping(story())

    test.__name__ = story.__name__
    return test


class Device:
    """One transport that reports, and somebody who reads it."""

    def __init__(self, health=lambda: {"score": 96}):
        self.far = MemoryTransport()
        self.near = Reporting(self.far, health)
        self.read = []
        self.reading = asyncio.create_task(self._read())

    async def _read(self):
        while True:
            self.read.append(json.loads(await self.near.receive()))

    @property
    def reports(self):
        return self.far.types.count(REPORT)

    async def leave(self):
        await self.near.close(1000)
        with pytest.raises(LinkClosed):
            await self.reading
        assert asyncio.all_tasks() == {asyncio.current_task()}


@lived
async def test_nobody_is_told_unasked():
    here = Device()
    here.far.says(created())
    await asyncio.sleep(3600)
    assert here.far.heard == []
    assert here.read == [created()]
    await here.leave()


@lived
async def test_who_asks_is_told_at_once_and_as_often_as_asked_until_they_have_enough():
    here = Device()
    here.far.says(request(Seconds(60)))
    await settled()
    assert here.far.heard[0]["health"] == {"score": 96}
    await asyncio.sleep(130)
    assert here.reports == 3
    here.far.says(request(Seconds(0)))
    await asyncio.sleep(600)
    assert here.reports == 3
    assert here.read == []
    await here.leave()


@lived
async def test_who_asks_over_and_over_is_told_no_sooner():
    here = Device()
    for _ in range(100):
        here.far.says(request(Seconds(1)))
        await settled()
    assert here.reports == 1
    await asyncio.sleep(3 * FLOOR)
    assert here.reports == 4
    await here.leave()


@lived
async def test_a_network_that_takes_nothing_does_not_keep_the_reader():
    here = Device()
    here.far.blocks()
    here.far.says(request(Seconds(60)), request(Seconds(60)), created())
    await settled()
    assert here.read == [created()]
    here.far.flows()
    await here.leave()


@lived
async def test_a_socket_that_ends_ends_the_reports():
    here = Device()
    here.far.says(request(Seconds(60)))
    await settled()
    here.far.cut()
    await asyncio.sleep(120)
    assert here.reports == 1
    await here.leave()


@lived
async def test_a_record_that_can_not_be_made_is_a_bug_that_is_raised():
    here = Device(health=lambda: {"score": 1 / 0})
    here.far.says(request(Seconds(60)))
    await settled()
    here.far.says(created())
    with pytest.raises(ZeroDivisionError):
        await here.reading
    await here.near.close(1000)


@lived
async def test_a_turn_goes_on_around_a_request_and_the_next_session_is_asked_anew():
    loop, told = asyncio.get_running_loop(), []
    far = FarEnd(MemoryTransport(created()), MemoryTransport(created()))
    link = Link(
        reporting(far.dial, lambda: {"score": 96}),
        Uplink(Seconds(20)),
        Memory(),
        session_patience=Seconds(10),
        clock=lambda: Seconds(loop.time()),
        random=lambda: 1.0,
        arrived=lambda follows: told.append(follows.first_of_kind),
        tell=lambda fact: None,
        note=lambda failure, delay: None,
    )
    running = asyncio.create_task(link.run())
    await settled()
    link.open(1)
    link.speech(Frame(1, PCM))
    far.sessions[0].says(request(Seconds(60)))
    await settled()
    for _ in range(20):
        link.speech(Frame(1, PCM))
    link.end(EndOfUtterance(1))
    await settled()
    said = far.sessions[0].types
    assert said.count(REPORT) == 1
    assert [kind for kind in said if kind not in (REPORT, "input_audio_buffer.append")] == [
        "input_audio_buffer.commit",
        "response.create",
    ]
    assert not any(told), "a request is no event that a session does not know"
    far.sessions[0].closes(1012)
    await asyncio.sleep(120)
    assert REPORT not in far.sessions[1].types
    link.hang_up()
    await running
    assert asyncio.all_tasks() == {asyncio.current_task()}
