"""Scripts played to the whole agent on virtual time, and what to look for in what they left."""

from __future__ import annotations

import asyncio

import numpy as np

from agent.session.table import State
from agent.units import SAMPLE_RATE_HZ
from tests.clock import jumping
from tests.far_end import FarEnd, coded
from tests.world import World

FADE_S = 0.005
A_PERIOD_S = 0.0101
"""Until the writer of the simulated world comes round."""

QUIETER_THAN_THE_CEILING = 8000


def says(seconds):
    """A tutor whose replies last so long."""
    return lambda number, _heard: coded(number, round(seconds * SAMPLE_RATE_HZ))


A_SECOND = says(1.0)


def a_student(seconds=30, seed=1):
    """Somebody who never stops talking: noise, no two stretches of it alike."""
    noise = np.random.default_rng(seed).integers(-QUIETER_THAN_THE_CEILING, QUIETER_THAN_THE_CEILING, seconds * 24_000)
    speech = noise.astype(np.int16)
    return speech, lambda first, count: speech[first : first + count]


def play(script, answer=A_SECOND, sound=None, settings=None, **far_end):
    """Let `script(world)` be played once the agent is ready; return the world as it is afterwards."""

    async def whole():
        world = World(FarEnd(answer, **far_end), **({"sound": sound} if sound else {}), settings=settings)

        async def after_start():
            await world.until(State.READY)
            await asyncio.sleep(0.1)
            await script(world)

        await world.live(after_start())
        return world

    return jumping(whole())


def scenes(world):
    return [note.facts["name"] for note in world.noted("scene")]


def place_of(needle, hay):
    """Where one sound is in another, sample for sample; -1 if it is not."""
    starts = np.flatnonzero(hay[: len(hay) - len(needle) + 1] == needle[0])
    return next((int(start) for start in starts if np.array_equal(hay[start : start + len(needle)], needle)), -1)
