"""The whole agent on real ALSA, and a sound server that dies in the middle of a reply."""

import asyncio

import numpy as np
import pytest

from agent.session.table import State
from agent.units import SAMPLE_RATE_HZ
from tests.far_end import FarEnd
from tests.sound.corner import Corner

pytestmark = [pytest.mark.sound, pytest.mark.usefixtures("sound_server"), pytest.mark.slow, pytest.mark.timeout(60)]

TONE_HZ = 500
QUESTION = (6000 * np.sin(np.arange(SAMPLE_RATE_HZ * 6 // 10) * 2 * np.pi * TONE_HZ / SAMPLE_RATE_HZ)).astype(np.int16)


def parrot(_number, heard):
    """Say it back, and again, so that there is a middle."""
    return np.tile(heard, 3)


def tone(sound):
    """How much of it is the tone, 0 to 1."""
    wave = np.exp(-2j * np.pi * TONE_HZ * np.arange(len(sound)) / SAMPLE_RATE_HZ)
    return abs(sound @ wave) / (np.linalg.norm(sound) * np.sqrt(len(sound) / 2) + 1)


async def one_turn(corner):
    before = corner.count("heard")
    await corner.ask(QUESTION)
    await corner.until("heard", more_than=before, within=15)


def test_a_parrot_says_back_what_was_said_before_and_after_the_sound_server_died_in_the_middle(mortal_server):
    async def script():
        far_end = FarEnd(parrot)
        corner = Corner(far_end.dial)
        async with corner.living():
            await corner.until("link", up=True)
            for plug in ("microphone", "speaker"):
                await corner.until("device", which=plug, found=True)
            await corner.ask(QUESTION)
            await corner.until("sound")
            await asyncio.sleep(0.5)
            mortal_server.kill()
            for plug in ("microphone", "speaker"):
                await corner.until("device", which=plug, found=False)
            mortal_server.start()
            for plug in ("microphone", "speaker"):
                await corner.until("device", which=plug, found=True, more_than=1)
            await corner.until("heard", within=15)
            await asyncio.sleep(0.1)
            assert corner.agent.session.state is State.READY
            await one_turn(corner)
        await far_end.end()
        return far_end

    far_end = asyncio.run(script())
    assert [tone(answer.heard) > 0.5 for answer in far_end.answers] == [True, True]
