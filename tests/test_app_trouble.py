"""The whole agent in trouble: links, tokens, lights, buttons and threads that fail, and what ends it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from agent.link.backoff import HttpRefused
from agent.panel.press import STUCK_AFTER
from agent.session.table import State
from agent.settings import Settings, Turn
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, Seconds
from tests.clock import jumping
from tests.far_end import FarEnd
from tests.playing import A_PERIOD_S, A_SECOND, FADE_S, a_student, place_of, play, says, scenes
from tests.world import World, plateaus


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
