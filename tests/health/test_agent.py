"""The notes of a whole agent, in the order in which they really come, as the numbers of its turns."""

import asyncio

from agent.health.tally import Tally
from agent.health.turns import Turns
from agent.session.table import State
from tests.clock import jumping
from tests.far_end import FarEnd, coded
from tests.health.test_turns import Heard
from tests.world import World


def notes_of(script):
    """What an agent notes while `script(world)` is played."""

    async def whole():
        world = World(FarEnd(lambda number, _heard: coded(number, 24_000)))

        async def after_start():
            await world.until(State.READY)
            await script(world)

        await world.live(after_start())
        return world.notes

    return jumping(whole())


def test_a_heard_an_interrupted_and_a_tapped_turn_are_counted_as_what_they_were():
    async def script(world):
        await world.turn(0.8)
        await world.turn(0.8, then=State.SPEAKING)
        await asyncio.sleep(0.3)
        await world.turn(0.8)
        await world.turn(0.05)

    heard, now = Heard(), [0.0]
    turns, tally = Turns(heard, lambda: now[0]), Tally(lambda: now[0])
    for note in notes_of(script):
        now[0] = note.at
        turns.note(note.kind, at=note.at, **note.facts)
    for kind, at, facts in heard.notes:
        tally.note(kind, at=at, **facts)
    assert [(turn.turn, turn.end) for turn in heard.turns()] == [(1, "heard"), (2, "interrupted"), (3, "heard")]
    assert 0 <= heard.turns()[1].press_to_silence_ms <= 40
    assert all(turn.release_to_sound_ms > 0 and turn.start_delay_ms >= 0 for turn in heard.turns())
    assert (tally.turns().heard, tally.turns().interrupted, tally.link().up) == (2, 1, True)
