"""The whole agent in its corner: a student, a far end, and what is heard in the room turn after turn."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from types import FunctionType, ModuleType

import numpy as np

from agent.app import TIDY_EVERY_S
from agent.panel.press import DEBOUNCE
from agent.session.table import State
from agent.settings import Settings, Turn
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, SAMPLES_PER_MS
from tests.far_end import REPLIES, coded
from tests.playing import A_PERIOD_S, FADE_S, a_student, place_of, play, says, scenes
from tests.world import plateaus

NOT_WEIGHED = (type, ModuleType, FunctionType, asyncio.AbstractEventLoop)


def parrot(_number, heard):
    return heard


def weight(root):
    """The bytes of all that hangs on an object, but for the simulated world, classes and functions."""
    seen, waiting = {}, [root]
    while waiting:
        thing = waiting.pop()
        foreign = isinstance(thing, NOT_WEIGHED) or type(thing).__module__.startswith(("tests.", "agent.simulator."))
        if id(thing) not in seen and not foreign:
            seen[id(thing)] = thing
            waiting += gc.get_referents(thing)
    return sum(sys.getsizeof(thing) for thing in seen.values())


def test_a_turn_shows_its_scenes_and_is_heard_to_its_end():
    async def script(world):
        await world.turn(0.8)

    world = play(script)
    assert scenes(world) == ["connecting", "ready", "listening", "thinking", "speaking", "ready", "dark"]
    (answer,) = world.far_end.answers
    heard = plateaus(world.record)
    assert (heard[0][2:], heard[-1][2:]) == ((0, 1), (0, 199)), "all but the 5 ms of the fade in"
    assert 0.8 * SAMPLE_RATE_HZ - 2 * PERIOD_SAMPLES <= len(answer.heard) <= 0.8 * SAMPLE_RATE_HZ + PERIOD_SAMPLES


def test_what_comes_back_is_sample_for_sample_what_was_said_between_press_and_release():
    speech, sound = a_student()

    async def script(world):
        await world.turn(1.5)

    world = play(script, parrot, sound)
    button = [round(note.at * SAMPLE_RATE_HZ) for note in world.noted("button")]
    (answer,) = world.far_end.answers
    start = place_of(answer.heard, speech)
    assert button[0] - 2 <= start <= button[0] + PERIOD_SAMPLES, "from the first period that began after the press"
    assert button[1] <= start + len(answer.heard) <= button[1] + PERIOD_SAMPLES, "to the end of the one of the release"
    fade = round(FADE_S * SAMPLE_RATE_HZ)
    assert place_of(answer.heard[fade:], world.record) > 0, "all but the 5 ms in which a reply fades in"


def test_a_barge_in_silences_the_room_within_a_period_and_a_fade_and_is_told_the_far_end_at_the_played_position():
    async def script(world):
        await world.turn(0.5, State.SPEAKING)
        await asyncio.sleep(0.4321)
        await world.turn(0.5)

    world = play(script, says(2.4))
    pressed = world.noted("button", down=True)[1].at
    record = world.record
    until = round((pressed + A_PERIOD_S + FADE_S) * SAMPLE_RATE_HZ)
    second = next(start for start, _, reply, _ in plateaus(record) if reply == 1)
    silence = record[until : second - 2 * PERIOD_SAMPLES]
    assert len(silence) > 0.5 * SAMPLE_RATE_HZ
    assert not silence.any()
    ((_, reply, ms),) = world.far_end.last.truncates
    sounding = plateaus(record[: round(pressed * SAMPLE_RATE_HZ)])
    assert reply == 0
    assert 0 <= (sounding[-1][0] - sounding[0][0]) / SAMPLES_PER_MS + 5 - ms <= 20
    assert world.far_end.last.types["response.cancel"] == 1
    assert world.far_end.last.errors == []


def test_a_tap_stops_the_tutor_and_is_no_turn():
    async def script(world):
        await world.turn(0.5, State.SPEAKING)
        await asyncio.sleep(0.3)
        await world.turn(0.08)
        await asyncio.sleep(1.0)

    world = play(script, says(2.4))
    assert len(world.far_end.answers) == 1
    assert world.far_end.last.types["input_audio_buffer.clear"] == 1, "nothing of the tap is left in the next turn"
    assert not world.record[-SAMPLE_RATE_HZ:].any()


def test_a_button_held_too_long_is_told_each_time_though_it_is_explained_once_a_minute():
    async def script(world):
        for _ in range(2):
            await world.turn(1.0)

    world = play(script, settings=Settings(turn=Turn(max_utterance_s=0.5)))
    assert [note.facts["turn"] for note in world.noted("too_long")] == [1, 2]
    assert len(world.noted("prompt", name="too-long")) == 1
    assert not world.noted("unanswered")


def test_nothing_said_before_a_press_or_a_period_after_its_release_reaches_the_relay():
    milliseconds = (np.arange(30 * SAMPLE_RATE_HZ) // SAMPLES_PER_MS).astype(np.int16)

    async def script(world):
        for seconds in (0.5, 0.04, 0.3333):
            await asyncio.sleep(0.777)
            await world.turn(seconds)

    world = play(script, sound=lambda first, count: milliseconds[first : first + count])
    downs = [1000 * note.at for note in world.noted("button", down=True)]
    ups = [1000 * note.at for note in world.noted("button", down=False)]
    sent = np.concatenate(world.far_end.last.appended)
    meant = [(sent >= down - 1) & (sent <= up + 10) for down, up in zip(downs, ups, strict=True)]
    assert len(sent) > 0.8 * SAMPLE_RATE_HZ
    assert np.logical_or.reduce(meant).all()


def test_a_click_too_short_for_the_debouncer_leaves_the_microphone_open_no_longer_than_that():
    async def script(world):
        for _ in range(8):
            await asyncio.sleep(0.0137)  # whenever the level is looked at
            await world.turn(0.01)

    world = play(script)
    gates = [note.at for note in world.noted("gate")]
    assert len(gates) == 16
    assert max(closed - opened for opened, closed in zip(gates[::2], gates[1::2], strict=True)) <= DEBOUNCE + 0.001


def test_what_the_agent_throws_away_is_collected_between_turns():
    class Litter:
        pass

    async def script(world):
        litter = Litter()
        litter.itself = litter
        gone = weakref.ref(litter)
        del litter
        assert gone() is not None, "the collector is off while the agent runs"
        await asyncio.sleep(TIDY_EVERY_S + 1)
        assert gone() is None

    play(script)


def test_a_reply_that_was_made_silent_is_not_told_to_have_been_heard_to_its_end():
    async def script(world):
        world.button.press()
        await asyncio.sleep(0.5)
        world.button.release()
        await world.until(State.SPEAKING)
        await asyncio.sleep(0.2)

    world = play(script, answer=says(2.0))
    assert world.noted("silence", turn=1)
    assert world.noted("heard") == []


def test_a_reply_that_falls_silent_in_the_middle_is_told_with_how_long():
    async def script(world):
        world.button.press()
        await asyncio.sleep(0.5)
        world.button.release()
        await world.until(State.SPEAKING)
        world.far_end.last.wire.stall(4)
        await world.until(State.READY)

    (stall,) = play(script, answer=says(2.0)).noted("stall")
    assert stall.facts["turn"] == 1
    assert 500 < stall.facts["ms"] < 4500


def test_what_a_turn_lived_through_is_told_before_its_end_and_not_again_with_the_next():
    async def script(world):
        await world.turn(0.5, State.SPEAKING)
        world.far_end.last.wire.stall(4)
        await world.until(State.READY)
        await world.turn(0.5)

    world = play(script, answer=says(2.0))
    first, second = world.noted("played")
    ends = [note.kind for note in world.notes if note.kind in ("played", "heard")]
    assert ends == ["played", "heard"] * 2
    assert (first.facts["turn"], second.facts["turn"]) == (1, 2)
    assert first.facts["concealed_ms"] > second.facts["concealed_ms"] == 0
    assert first.facts["overruns"] == 0
    assert second.facts["round_trip_ms"] == 40


def test_what_it_does_can_be_asked_at_any_moment():
    async def script(world):
        world.rest = world.agent.now()
        await world.turn(0.5, State.SPEAKING)
        await asyncio.sleep(0.3)
        world.speaking = world.agent.now()

    world = play(script, says(2.4))
    assert (world.rest.state, world.rest.scene, world.rest.turn, world.rest.depth_ms) == ("ready", "ready", 0, 0)
    assert (world.speaking.state, world.speaking.scene, world.speaking.turn) == ("speaking", "speaking", 1)
    assert world.speaking.depth_ms > 0
    assert world.speaking.tutor_level > 0


def test_an_audio_thread_shows_that_it_moves():
    async def script(world):
        assert {pulse.name for pulse in world.agent.pulses} == {"capture", "playout"}
        await asyncio.sleep(5)
        assert all(world.clock() - pulse.last < 0.02 for pulse in world.agent.pulses)

    play(script)


def test_two_hundred_turns_weigh_no_more_than_a_hundred():
    """All that is remembered is bounded, and the first hundred fill it."""

    async def script(world):
        for _ in range(2):
            for number in range(100):
                await world.turn(0.3, State.SPEAKING if number % 5 == 0 else State.READY)
            await world.until(State.READY)
            await asyncio.sleep(2)
            weights.append(weight(world.agent))

    weights = []
    play(script, lambda number, _: coded(number % REPLIES, 6000))
    hundred, two_hundred = weights
    assert two_hundred - hundred <= 0.01 * hundred
