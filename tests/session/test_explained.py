"""What goes wrong in a conversation, in a whole agent: nobody is left with a silence that nothing explains."""

import asyncio

import numpy as np

from agent.link.backoff import HttpRefused
from agent.prompts.book import Prompter
from agent.session.effects import Prompt
from agent.session.events import HoursClosed, HoursOpened
from agent.session.table import State
from agent.units import SAMPLE_RATE_HZ, Seconds
from tests.clock import jumping
from tests.far_end import FarEnd, coded
from tests.world import World, plateaus


def lived(script, reply_s=2.0):
    """A world after `script(world)` was played in it; every reply lasts so long."""

    async def whole():
        world = World(FarEnd(lambda number, _heard: coded(number, round(reply_s * SAMPLE_RATE_HZ))))

        async def after_start():
            await world.until(State.READY)
            await script(world)

        await world.live(after_start())
        return world

    return jumping(whole())


def test_a_relay_that_freezes_in_mid_reply_is_heard_as_far_as_it_came_and_then_explained():
    async def script(world):
        await world.turn(0.5, State.SPEAKING)
        world.far_end.last.wire.stall(60)
        await world.until(State.READY)
        await asyncio.sleep(6)

    world = lived(script)
    [prompt] = world.noted("prompt")
    assert prompt.facts["name"] == Prompt.NOT_CONNECTED.value
    end_of_reply = max(start + length for start, length, _, _ in plateaus(world.record))
    said = Prompter("es-PR").choose(Prompt.NOT_CONNECTED, 0.0)
    loudest = int(np.abs(said.astype(int)).argmax())
    after = world.record[end_of_reply:]
    assert said[loudest - 100 : loudest + 100].tobytes() in after.tobytes()
    assert [note.facts["turn"] for note in world.noted("heard")] == [1]


def test_two_troubles_within_a_minute_are_one_prompt_and_two_scenes():
    async def script(world):
        for _ in range(2):
            world.far_end.last.wire.stall(11)
            await world.turn(0.5, State.UNANSWERED)
            await world.until(State.READY)

    world = lived(script)
    assert len(world.noted("prompt")) == 1
    assert len(world.noted("scene", name="later")) == 2


def test_a_login_page_in_the_relays_place_is_an_adults_business_until_it_goes_away():
    async def script(world):
        world.far_end.refusals.extend([HttpRefused(302)] * 8)
        world.far_end.last.wire.cut()
        await world.until(State.REFUSED)
        await world.turn(0.3, State.REFUSED)
        await world.until(State.READY, within=100)

    world = lived(script)
    assert [note.facts["verdict"] for note in world.noted("link", up=False)][1:] == ["blocked"] * 8
    assert [note.facts["name"] for note in world.noted("scene")][2:5] == ["connecting", "ask an adult", "ready"]
    assert not world.noted("gate")


def test_outside_school_hours_a_whole_agent_is_dark_deaf_and_mute_and_ready_in_the_morning():
    async def script(world):
        await world.turn(0.5, State.SPEAKING)
        world.agent.tell(HoursClosed())
        await world.until(State.QUIET)
        evening = world.clock()
        world.far_end.refusals.append(HttpRefused(429, Seconds(30)))
        world.far_end.last.wire.cut()
        await world.turn(0.5, State.QUIET)
        await asyncio.sleep(60)
        assert set(world.ring.colours) == {(0, 0, 0)}
        assert not world.record[round((evening + 1) * SAMPLE_RATE_HZ) :].any()
        world.agent.tell(HoursOpened())
        await world.until(State.READY)
        await world.turn(0.5)

    world = lived(script)
    assert [note.facts["turn"] for note in world.noted("heard")] == [1, 2]
    assert not world.noted("prompt")
