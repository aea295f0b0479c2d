"""The whole agent in its corner: a student, a far end, and what is heard in the room."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from types import FunctionType, ModuleType

import numpy as np
import pytest

from agent.app import TIDY_EVERY_S
from agent.link.backoff import HttpRefused
from agent.panel.press import DEBOUNCE, STUCK_AFTER
from agent.session.table import State
from agent.settings import Settings, Turn
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, SAMPLES_PER_MS, Seconds
from tests.clock import jumping
from tests.far_end import REPLIES, FarEnd, coded
from tests.world import World, plateaus

FADE_S = 0.005
A_PERIOD_S = 0.0101
"""Until the writer of the simulated world comes round."""

QUIETER_THAN_THE_CEILING = 8000

NOT_WEIGHED = (type, ModuleType, FunctionType, asyncio.AbstractEventLoop)


def says(seconds):
    """A tutor whose replies last so long."""
    return lambda number, _heard: coded(number, round(seconds * SAMPLE_RATE_HZ))


A_SECOND = says(1.0)


def parrot(_number, heard):
    return heard


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


def scenes(world):
    return [note.facts["name"] for note in world.noted("scene")]


def place_of(needle, hay):
    """Where one sound is in another, sample for sample; -1 if it is not."""
    starts = np.flatnonzero(hay[: len(hay) - len(needle) + 1] == needle[0])
    return next((int(start) for start in starts if np.array_equal(hay[start : start + len(needle)], needle)), -1)


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


def test_an_utterance_whose_link_is_cut_goes_out_whole_on_the_next_session():
    async def script(world):
        world.button.press()
        await asyncio.sleep(0.6)
        world.far_end.last.wire.cut()
        await asyncio.sleep(0.9)
        world.button.release()
        await world.until(State.SPEAKING)
        await world.until(State.READY)

    speech, sound = a_student()
    world = play(script, sound=sound)
    (answer,) = world.far_end.answers
    assert [len(visit.answers) for visit in world.far_end.visits] == [0, 1]
    assert len(answer.heard) >= 1.5 * SAMPLE_RATE_HZ - 2 * PERIOD_SAMPLES
    assert place_of(answer.heard, speech) > 0
    assert "listening offline" in scenes(world)
    assert not world.noted("dropped")


def test_a_planned_close_between_turns_is_survived_without_waiting_and_the_conversation_goes_on_as_text():
    async def script(world):
        await world.turn(0.5)
        await asyncio.sleep(6)
        await world.far_end.close(1012)
        await asyncio.sleep(0.2)
        await world.until(State.READY, within=0.2)
        await world.turn(0.5)

    world = play(script)
    (down,) = world.noted("link", up=False)
    assert (down.facts["verdict"], down.facts["retry_ms"]) == ("planned", 0)
    assert world.far_end.last.seeds == ["[0.5 s]", "uno dos tres"]
    assert len(world.far_end.last.answers) == 1


def test_a_session_that_will_end_is_replaced_before_it_does_without_the_link_being_down():
    async def script(world):
        await asyncio.sleep(9.5)
        await world.turn(0.5)

    world = play(script, lifetime=10.0)
    assert [visit.closed_with for visit in world.far_end.visits] == [1000, 1001]
    assert not world.noted("link", up=False)
    assert scenes(world)[:3] == ["connecting", "ready", "listening"]


def test_what_is_said_while_nobody_can_be_reached_is_kept_for_a_while_then_dropped_with_a_prompt():
    async def script(world):
        world.far_end.away_until = world.clock() + 20
        world.far_end.last.wire.cut()
        await asyncio.sleep(0.3)
        await world.turn(1.0, State.OFFLINE)
        await world.until(State.READY)

    world = play(script, settings=Settings(turn=Turn(offline_patience_s=4)))
    (dropped,), (prompt,) = world.noted("dropped"), world.noted("prompt")
    assert dropped.facts["ms"] >= 980
    assert prompt.facts["name"] == "not-connected"
    released = world.noted("button", down=False)[0].at
    assert prompt.at == pytest.approx(released + 4, abs=0.01)
    assert scenes(world)[2:6] == ["connecting", "listening offline", "sending", "connecting"]
    assert world.far_end.answers == []


def test_a_refused_token_shows_a_scene_asks_for_an_adult_and_opens_no_microphone():
    async def script(world):
        world.far_end.refusals.append(HttpRefused(401))
        world.far_end.last.wire.cut()
        await world.until(State.REFUSED)
        await world.turn(0.5, State.REFUSED)
        async with world.dozing():
            await world.until(State.READY, within=310)

    world = play(script)
    assert [note.facts["name"] for note in world.noted("prompt")] == ["ask-adult"]
    assert not world.noted("gate")
    assert "ask an adult" in scenes(world)


def test_a_budget_that_is_spent_is_asked_again_when_the_far_end_wishes():
    async def script(world):
        world.far_end.refusals.append(HttpRefused(429, Seconds(30)))
        world.far_end.last.wire.cut()
        await world.until(State.LIMITED)
        began = world.clock()
        await world.until(State.READY)
        assert 30 <= world.clock() - began <= 34

    assert "later" in scenes(play(script))


def test_a_reply_whose_link_is_cut_is_heard_as_far_as_it_came():
    async def script(world):
        await world.turn(0.5, State.SPEAKING)
        world.far_end.last.wire.cut()
        await world.until(State.READY)
        await world.turn(0.5)

    world = play(script, says(2.0))
    heard = [block for _, _, reply, block in plateaus(world.record) if reply == 0]
    came = sum(note.facts["samples"] for note in world.noted("delta", turn=1))
    assert 0.2 * SAMPLE_RATE_HZ < came < 1.0 * SAMPLE_RATE_HZ
    assert (max(heard) + 1) * 120 == came
    assert len(world.far_end.answers) == 2, "it was not asked for again"


def test_a_far_end_that_does_not_answer_is_given_up_with_a_prompt_and_dialled_again():
    async def script(world):
        world.far_end.last.wire.stall(60)
        await world.turn(0.5)
        await asyncio.sleep(3)
        await world.turn(0.5)

    world = play(script)
    assert [note.facts["name"] for note in world.noted("prompt")] == ["not-connected"]
    assert [note.facts for note in world.noted("unanswered")] == [{"turn": 1, "why": "TimeUp"}]
    assert world.noted("dropped")[0].facts["ms"] >= 480
    assert [len(visit.answers) for visit in world.far_end.visits] == [0, 1]


def test_a_token_refused_while_the_student_waits_leaves_the_turn_unanswered():
    async def script(world):
        world.far_end.last.wire.stall(60)
        await world.turn(0.5, State.THINKING)
        world.far_end.refusals.append(HttpRefused(401))
        world.far_end.last.wire.cut()
        await world.until(State.REFUSED)

    world = play(script)
    assert [note.facts for note in world.noted("unanswered")] == [{"turn": 1, "why": "LinkRefused"}]


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


def test_what_runs_beside_the_agent_runs_as_long_and_ends_it_with_what_it_raises():
    class Torn(Exception):
        pass

    ends = []

    async def beside():
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("beside")

    async def torn():
        await asyncio.sleep(3)
        raise Torn

    async def whole():
        world = World(FarEnd(A_SECOND))
        world.beside = [beside, torn]
        await world.live(asyncio.sleep(60))

    with pytest.raises(Torn):
        jumping(whole())
    assert ends == ["beside"]


def test_an_audio_thread_shows_that_it_moves():
    async def script(world):
        assert {pulse.name for pulse in world.agent.pulses} == {"capture", "playout"}
        await asyncio.sleep(5)
        assert all(world.clock() - pulse.last < 0.02 for pulse in world.agent.pulses)

    play(script)


def test_without_a_light_the_microphone_stays_closed_until_it_shines_again():
    async def script(world):
        world.ring.fail()
        await asyncio.sleep(0.1)
        world.button.press()
        await asyncio.sleep(0.5)
        world.button.release()
        world.ring.mend()
        await asyncio.sleep(0.1)
        await world.turn(0.5)

    world = play(script)
    lost, back = world.noted("device", which="ring")
    (opened,) = world.noted("gate", open=True)
    assert (lost.facts["found"], back.facts["found"]) == (False, True)
    assert lost.at < back.at < opened.at
    assert len(world.far_end.answers) == 1


def test_a_ring_that_fails_as_it_should_begin_to_show_the_listening_opens_nothing():
    async def script(world):
        world.ring.fail()
        world.button.press()
        await asyncio.sleep(0.5)
        world.button.release()
        world.ring.mend()
        await asyncio.sleep(0.5)

    world = play(script)
    assert world.noted("gate", open=True) == []
    assert [note.facts["name"] for note in world.noted("scene")][-2:] == ["ready", "dark"]


def test_a_ring_that_vanishes_while_the_student_speaks_closes_the_gate():
    async def script(world):
        world.button.press()
        await asyncio.sleep(1.0)
        world.ring.fail()
        await asyncio.sleep(1.0)
        world.ring.mend()
        world.button.release()
        await asyncio.sleep(1.0)

    world = play(script)
    (closed,) = world.noted("gate", open=False)
    (lost, _) = world.noted("device", which="ring")
    assert 0 <= closed.at - lost.at < 0.001


def test_a_button_that_does_not_come_up_is_told_once_and_closes_the_microphone():
    async def script(world):
        world.button.press()
        async with world.dozing():
            await asyncio.sleep(STUCK_AFTER + 60)
        assert world.state is State.BUTTON_FAULT
        world.button.release()
        await world.until(State.READY)

    world = play(script)
    assert len(world.noted("trouble", name="the button does not come up")) == 1
    assert len(world.noted("gate", open=True)) == len(world.noted("gate", open=False)) == 1


def test_an_audio_thread_that_dies_ends_the_agent_with_its_error():
    class Torn(Exception):
        pass

    def torn(first, count):
        if first > SAMPLE_RATE_HZ:
            raise Torn
        return np.zeros(count, np.int16)

    with pytest.raises(Torn):
        play(lambda world: asyncio.sleep(5), sound=torn)


def test_an_error_on_the_way_from_a_thread_to_the_loop_ends_the_agent_too():
    class Torn(Exception):
        pass

    async def script(world):
        def torn(_frame):
            raise Torn

        world.agent.link.speech = torn
        await world.turn(0.5)

    with pytest.raises(Torn):
        play(script)


def test_an_agent_told_to_stop_in_mid_sentence_is_silent_dark_and_gone_within_two_seconds():
    async def script(world):
        await world.turn(0.5, State.SPEAKING)
        await asyncio.sleep(0.3)
        world.asked = world.clock()

    world = play(script, says(2.4))
    assert world.clock() - world.asked < 2.0
    assert world.far_end.last.closed_with == 1001
    assert world.ring.colours == ((0, 0, 0),)
    assert not world.record[round((world.asked + A_PERIOD_S + FADE_S) * SAMPLE_RATE_HZ) :].any()


def test_an_agent_told_to_stop_while_it_dials_goes_at_once():
    async def whole():
        far_end = FarEnd(says(1.0))
        far_end.away_until = 1e9
        world = World(far_end)
        await world.live(asyncio.sleep(30))
        return world.clock()

    assert jumping(whole()) < 32


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
