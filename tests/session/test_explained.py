"""What goes wrong in a conversation, in a whole agent: nobody is left with a silence that nothing explains."""

import asyncio

import numpy as np

from agent.prompts.book import Prompter
from agent.session.effects import Prompt
from agent.session.table import State
from agent.units import SAMPLE_RATE_HZ
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
