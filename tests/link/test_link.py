"""How sessions come about, follow each other and end, and how that is told."""

import asyncio

import numpy as np
import pytest

from agent.link.backoff import CLOCK_RETRY, Closed, GivenUp, HttpRefused, Misconfigured, NoToken, TlsFailed
from agent.link.link import ROTATE_AT
from agent.session.events import ClockWrong, LinkLimited, LinkLost, LinkRefused, LinkUp, UtteranceSent
from agent.units import Frame, Seconds
from tests.clock import jumping
from tests.link.corner import AWAY, PART, SOUND, WORDS, a_session, corner, lived
from tests.link.transport import VOICE_DETECTION, MemoryTransport, created, settled

OLD = 100 * ROTATE_AT
"""Seconds after which a session of 100 s is replaced."""


@lived
async def test_a_session_that_is_agreed_on_is_told():
    async with corner() as here:
        assert here.told == [LinkUp()]
        assert here.link.is_up


@lived
async def test_the_round_trip_is_that_of_the_session_that_there_is():
    async with corner(a_session(), AWAY) as here:
        assert here.link.round_trip == here.session(1).round_trip
        here.session(1).cut()
        await settled()
        assert here.link.round_trip is None


@pytest.mark.parametrize(
    ("failure", "fact"),
    [
        (AWAY, LinkLost()),
        (HttpRefused(503), LinkLost()),
        (HttpRefused(401), LinkRefused()),
        (NoToken("nowhere"), LinkRefused()),
        (Misconfigured("unknown_parameter"), LinkRefused()),
        (TlsFailed(18), LinkRefused()),
        (HttpRefused(302), LinkRefused()),
        (HttpRefused(429), LinkLimited()),
        (TlsFailed(9), ClockWrong()),
    ],
)
def test_what_keeps_the_link_down_is_told_by_its_kind(failure, fact):
    async def story():
        async with corner(failure) as here:
            assert here.told == [fact]
            assert here.noted[0][0] == failure
            assert not here.link.is_up

    jumping(story())


@lived
async def test_a_token_revoked_in_the_middle_is_told_as_a_refusal():
    async with corner() as here:
        here.session(1).closes(4401)
        await settled()
        assert here.told == [LinkUp(), LinkRefused()]


@lived
async def test_delays_grow_and_begin_anew_after_success():
    async with corner(*[AWAY] * 4, a_session(), AWAY) as here:
        await asyncio.sleep(10)
        assert here.far.dials == [0, 0.5, 1.5, 3.5, 7.5]
        here.session(1).cut()
        await asyncio.sleep(2)
        assert [delay for _, delay in here.noted[4:]] == [0.5, 1.0]


@lived
async def test_a_press_hurries_a_delay():
    async with corner(AWAY) as here:
        here.link.open(1)
        await settled()
        assert here.link.is_up


@pytest.mark.parametrize("failure", [HttpRefused(401), HttpRefused(429, Seconds(60)), TlsFailed(9)])
def test_a_press_hurries_nobody_who_said_no(failure):
    async def story():
        async with corner(failure) as here:
            here.link.open(1)
            await asyncio.sleep(CLOCK_RETRY - 1)
            assert len(here.far.dials) == 1

    jumping(story())


@lived
async def test_who_asks_to_be_left_alone_for_a_minute_is():
    async with corner(HttpRefused(429, Seconds(60)), random=0.5) as here:
        await asyncio.sleep(100)
        assert here.far.dials == [0, 63]


@lived
async def test_after_a_planned_close_the_next_session_is_made_at_once():
    async with corner() as here:
        await asyncio.sleep(10)
        here.session(1).closes(1012)
        await settled()
        assert here.told == [LinkUp(), LinkLost(), LinkUp()]
        assert here.noted == [(here.noted[0][0], 0.0)]


@lived
async def test_a_session_that_says_when_it_ends_is_replaced_before():
    async with corner(a_session(lifetime=100), a_session(lifetime=100, delay=1.0)) as here:
        await asyncio.sleep(OLD + 0.5)
        assert len(here.far.dials) == 2
        assert not here.session(1).is_over
        await asyncio.sleep(1)
        assert here.session(1).closed_with == 1000
        assert here.told == [LinkUp()]
        await here.say(turn=1)
        assert "response.create" in here.session(2).types
        await asyncio.sleep(OLD)
        assert here.session(2).closed_with == 1000


@lived
async def test_but_not_while_a_turn_goes_on():
    async with corner(a_session(lifetime=100), quiet=False) as here:
        await asyncio.sleep(OLD + 5)
        assert len(here.far.dials) == 1
        here.link.quiet(True)
        await settled()
        assert here.session(1).closed_with == 1000


@lived
async def test_a_press_while_the_successor_is_made_puts_it_off():
    async with corner(a_session(lifetime=100), a_session(delay=1.0)) as here:
        await asyncio.sleep(OLD + 0.5)
        here.link.quiet(False)
        await here.say(turn=1)
        await asyncio.sleep(5)
        assert here.session(2).closed_with == 1000
        assert "response.create" in here.session(1).types
        assert here.told == [LinkUp(), UtteranceSent(1)]
        here.link.quiet(True)
        await settled()
        assert here.session(1).closed_with == 1000
        assert len(here.far.sessions) == 3


@lived
async def test_a_turn_that_came_and_went_while_the_successor_was_made_is_known_to_it():
    async with corner(a_session(lifetime=100), a_session(delay=1.0)) as here:
        await asyncio.sleep(OLD + 0.5)
        here.link.quiet(False)
        await here.say(turn=1)
        here.session(1).says({"type": "response.created", "response": {"id": "r1"}}, WORDS, SOUND)
        await settled()
        here.link.quiet(True)
        await asyncio.sleep(1)
        assert "Once upon a time" in str(here.session(2).heard)


@lived
async def test_an_old_session_that_dies_before_its_successor_is_made_is_lost():
    async with corner(a_session(lifetime=100), a_session(delay=1.0)) as here:
        await asyncio.sleep(OLD + 0.5)
        here.session(1).cut()
        await settled()
        assert here.told == [LinkUp(), LinkLost()]
        assert here.session(2).closed_with == 1000
        await asyncio.sleep(1)
        assert here.told == [LinkUp(), LinkLost(), LinkUp()]


@lived
async def test_a_successor_that_is_made_in_the_moment_of_a_loss_is_not_forgotten():
    successor = MemoryTransport()
    async with corner(a_session(lifetime=100), successor) as here:
        await asyncio.sleep(OLD + 0.5)
        here.session(1).cut()
        successor.says(created())
        await asyncio.sleep(1)
        assert here.link.is_up
        assert sum(not session.is_over for session in here.far.sessions) == 1


@lived
async def test_no_successor_is_asked_of_a_far_end_that_is_over_budget():
    async with corner(a_session(lifetime=100), HttpRefused(429, Seconds(60)), random=0.0) as here:
        await asyncio.sleep(OLD + 59)
        assert len(here.far.dials) == 2
        assert here.told == [LinkUp()]
        await asyncio.sleep(2)
        assert here.session(1).closed_with == 1000


@lived
async def test_a_session_that_claims_to_be_over_is_used_all_the_same():
    async with corner(a_session(lifetime=0)) as here:
        await asyncio.sleep(1000)
        assert len(here.far.dials) == 1


@lived
async def test_who_hangs_up_says_goodbye():
    async with corner() as here:
        here.link.hang_up()
        await here.running
        assert here.session(1).closed_with == 1001
        assert here.told == [LinkUp()]


@pytest.mark.parametrize(
    "answer", [HttpRefused(401), AWAY, MemoryTransport(), MemoryTransport(created(VOICE_DETECTION))]
)
def test_who_hangs_up_before_there_is_a_session_need_not_wait_for_one(answer):
    async def story():
        async with corner(answer) as here:
            here.link.hang_up()
            await settled()
            assert here.running.done()

    jumping(story())


@lived
async def test_who_hangs_up_while_dialling_does_not_stay_for_the_answer():
    async with corner() as here:
        here.far.dial = asyncio.Event().wait
        here.session(1).cut()
        await asyncio.sleep(1)
        here.link.hang_up()
        await settled()
        assert here.running.done()


@lived
async def test_a_session_that_does_not_answer_is_given_up_for_another():
    async with corner(random=0.0) as here:
        here.link.redial()
        await settled()
        assert here.session(1).closed_with == 1000
        assert here.told == [LinkUp(), LinkLost(), LinkUp()]
        ((failure, _),) = here.noted
        assert failure == GivenUp(failure.lived)


@lived
async def test_what_ends_a_session_by_itself_is_not_taken_for_what_was_given_up_before():
    async with corner(random=0.0) as here:
        here.link.redial()
        await settled()
        here.session(2).cut()
        await settled()
        _, (failure, _) = here.noted
        assert isinstance(failure, Closed)


@lived
async def test_a_far_end_that_is_slow_to_part_does_not_hold_up_the_next_session():
    deaf = MemoryTransport(farewell=60)
    async with corner(deaf, a_session(), random=0.0) as here:
        await asyncio.sleep(11)
        assert here.link.is_up
        assert not deaf.is_over


@lived
async def test_without_a_session_there_is_nobody_to_tell():
    async with corner(AWAY) as here:
        here.link.cancel_reply()
        here.link.silenced({PART: 0})
        here.link.redial()
        here.link.speech(Frame(1, np.zeros(480, np.int16)))
        assert here.told == [LinkLost()]


@pytest.mark.parametrize("answers", [[ZeroDivisionError()], [a_session(lifetime=100), ZeroDivisionError()]])
def test_a_bug_while_dialling_ends_the_link_loudly(answers):
    async def story():
        async with corner(*answers) as here:
            await asyncio.wait([here.running])
            with pytest.raises(ZeroDivisionError):
                here.running.result()

    jumping(story())


@lived
async def test_the_journal_is_told_how_a_session_ended():
    async with corner() as here:
        await asyncio.sleep(60)
        here.session(1).cut()
        await settled()
        ((failure, delay),) = here.noted
        assert isinstance(failure, Closed)
        assert (failure.code, round(failure.lived), delay) == (None, 60, 0.5)
