import asyncio

import numpy as np
import pytest

from agent.link.backoff import Closed, Misconfigured, Silent
from agent.link.connection import RELAY_SETTLES, Connection
from agent.link.transport import DialFailed
from agent.link.uplink import Uplink
from agent.session.events import ReplyArrived, ReplyEnded
from agent.session.memory import Memory
from agent.units import EndOfUtterance, Frame, Part, Seconds
from tests.clock import jumping
from tests.link.transport import VOICE_DETECTION, MemoryTransport, created, error, session, settled, updated

PATIENCE = Seconds(10)

APPEND, COMMIT, CREATE = "input_audio_buffer.append", "input_audio_buffer.commit", "response.create"

REPLY = (
    {"type": "response.created", "response": {"id": "r1"}},
    {
        "type": "response.output_audio.delta",
        "response_id": "r1",
        "item_id": "i1",
        "content_index": 0,
        "delta": "AAAA",
    },
)


class Line:
    """A connection and both that use it."""

    def __init__(self, far, memory=None):
        loop = asyncio.get_running_loop()
        self.far, self.uplink = far, Uplink(Seconds(20))
        self.facts, self.sent = [], []
        self.connection = Connection(
            far,
            self.uplink,
            memory or Memory(),
            lambda: Seconds(loop.time()),
            arrived=lambda follows: self.facts.extend(follows.facts),
            sent=lambda turn: self.sent.append((turn, far.types[-1])),
        )

    def __await__(self):
        """Open it and let it run."""
        yield from self.connection.open(PATIENCE).__await__()
        self.uplink.link_up()
        self.running = asyncio.create_task(self.connection.run())
        yield from settled().__await__()
        return self

    def speak(self, turn, seconds=0.2):
        self.uplink.open(turn)
        for _ in range(round(seconds / 0.02)):
            self.uplink.speech(Frame(turn, np.full(480, turn, np.int16)))
        self.connection.poke()

    async def end(self, turn):
        self.uplink.end(EndOfUtterance(turn))
        self.connection.poke()
        await settled()

    async def say(self, turn, seconds=0.2):
        """A whole utterance."""
        self.speak(turn, seconds)
        await self.end(turn)

    async def hung_up(self):
        await self.connection.close()
        return await self.running


def opened(*says, later=(), **levers):
    """What the far end heard by the time the session was agreed on."""

    async def main():
        far = MemoryTransport(*says, **levers)
        loop = asyncio.get_running_loop()
        for seconds, event in later:
            loop.call_later(seconds, far.says, event)
        await Line(far).connection.open(PATIENCE)
        return far.heard

    return jumping(main())


def failure(*says, code=None, closes=False):
    """Why the session was not agreed on, and after how many seconds."""

    async def main():
        far = MemoryTransport()
        far.says(*says)
        if closes:
            far.closes(code)
        with pytest.raises(DialFailed) as failed:
            await Line(far).connection.open(PATIENCE)
        return failed.value.failure, round(asyncio.get_running_loop().time(), 1)

    return jumping(main())


def test_a_session_that_leaves_the_turns_to_us_is_taken_as_it_is():
    assert opened({"type": "conversation.created"}, created()) == []


def test_settings_that_the_relay_makes_a_moment_later_are_waited_for_and_left_alone():
    assert opened(created(VOICE_DETECTION), later=[(RELAY_SETTLES / 2, updated())]) == []


def test_voice_detection_is_turned_off_by_sending_the_echoed_audio_back_whole():
    (update,) = opened(created(VOICE_DETECTION), later=[(RELAY_SETTLES + 0.1, updated())])
    assert update["type"] == "session.update"
    assert update["session"] == {"type": "realtime", "audio": session(turn_detection=None)["audio"]}


def test_the_relays_own_settings_are_the_ones_sent_back():
    deaf = updated(VOICE_DETECTION)
    deaf["session"]["audio"]["output"]["voice"] = "marin"
    (update,) = opened(created(VOICE_DETECTION), later=[(0.1, deaf), (0.2, updated())])
    assert update["session"]["audio"]["output"]["voice"] == "marin"


def test_a_flat_echo_is_answered_flat():
    beta = {"turn_detection": VOICE_DETECTION, "voice": "alloy", "modalities": ["audio", "text"]}
    granted = {"type": "session.updated", "session": {**beta, "turn_detection": None}}
    (update,) = opened({"type": "session.created", "session": beta}, later=[(2, granted)])
    assert update["session"] == {"turn_detection": None}


def test_settings_of_the_relay_that_crossed_ours_are_not_the_answer_to_them():
    late = [(RELAY_SETTLES + 0.1, updated(VOICE_DETECTION)), (RELAY_SETTLES + 0.2, updated())]
    assert len(opened(created(VOICE_DETECTION), later=late)) == 1


def test_an_error_before_the_settings_are_agreed_on_is_about_the_settings():
    assert failure(created(VOICE_DETECTION), error("unknown_parameter")) == (Misconfigured("unknown_parameter"), 0)
    assert failure(error("")) == (Misconfigured("invalid_request_error"), 0)


@pytest.mark.parametrize("code", ["invalid_api_key", "rate_limit_exceeded", "session_expired", "server_error"])
def test_but_not_one_whose_code_says_more(code):
    assert failure(error(code)) == (Closed(None, code, Seconds(0)), 0)


def test_a_far_end_that_says_nothing_is_given_up_when_patience_is_at_its_end():
    assert failure() == (Silent(), PATIENCE)


def test_a_far_end_that_will_not_leave_the_turns_to_us_is_misconfigured():
    assert failure(created(VOICE_DETECTION), updated(VOICE_DETECTION), updated(VOICE_DETECTION)) == (
        Misconfigured("turn_detection"),
        PATIENCE,
    )


@pytest.mark.parametrize("code", [1012, None])
def test_a_far_end_that_goes_away_meanwhile(code):
    assert failure(created(VOICE_DETECTION), code=code, closes=True) == (Closed(code, "", Seconds(0)), 0)


def test_a_network_that_takes_nothing_does_not_outlast_patience():
    async def main():
        far = MemoryTransport(created(VOICE_DETECTION))
        far.blocks()
        with pytest.raises(DialFailed) as failed:
            await Line(far).connection.open(PATIENCE)
        return failed.value.failure

    assert jumping(main()) == Silent()


def test_what_was_heard_goes_out_before_anything_that_is_said_now():
    memory = Memory()
    memory.words(1, Part("r", "i", 0), "Había una vez")

    async def main():
        line = Line(MemoryTransport(created()), memory)
        line.speak(2)
        await line
        await line.hung_up()
        return line.far.heard

    first, *others = jumping(main())
    assert first["item"]["content"] == [{"type": "output_text", "text": "Había una vez"}]
    assert {event["type"] for event in others} == {APPEND}


def test_a_reply_is_asked_for_behind_the_commit_which_is_told_when_it_was_handed_over():
    async def main():
        line = await Line(MemoryTransport(created()))
        await line.say(turn=1)
        await line.hung_up()
        return line

    line = jumping(main())
    assert line.far.types[-2:] == [COMMIT, CREATE]
    assert line.sent == [(1, COMMIT)]


def test_a_press_while_the_commit_is_stuck_asks_for_no_reply_to_the_old_turn():
    async def main():
        line = await Line(MemoryTransport(created()))
        line.speak(turn=1)
        await settled()
        line.far.blocks()
        await line.end(turn=1)
        line.connection.cancel_reply()
        line.speak(turn=2)
        line.far.flows()
        await settled()
        before = list(line.far.types)
        await line.say(turn=2)
        await line.hung_up()
        return before, line

    before, line = jumping(main())
    assert COMMIT in before
    assert CREATE not in before
    assert line.far.types[-2:] == [COMMIT, CREATE]
    assert line.sent == [(2, COMMIT)]


def test_a_cancel_overtakes_speech_that_has_not_gone_out():
    async def main():
        line = await Line(MemoryTransport(created()))
        await line.say(turn=1)
        line.far.says(*REPLY)
        await settled()
        line.far.blocks()
        line.speak(turn=2, seconds=4)
        await settled()
        line.connection.cancel_reply()
        line.far.flows()
        await settled()
        await line.hung_up()
        return line.far.types

    types = jumping(main())
    assert types.index("response.cancel") < len(types) - 10


def test_speech_that_has_piled_up_goes_out_piece_by_piece_so_that_a_press_gets_in_between():
    async def main():
        line = await Line(MemoryTransport(created()))
        line.speak(turn=1, seconds=4)
        for _ in range(3):
            await asyncio.sleep(0)
        at_once = len(line.far.heard)
        await line.hung_up()
        return at_once

    assert 0 < jumping(main()) <= 3


def test_what_was_said_before_the_close_is_still_taken_in():
    async def main():
        far = MemoryTransport(created(), delay=1.0)
        line = Line(far)
        await line
        await line.say(turn=1)
        far.says(*REPLY)
        far.closes(1012)
        line.speak(turn=2)  # nobody takes it, and that is not the end
        return await line.running, line.facts

    ending, facts = jumping(main())
    assert (ending.code, facts) == (1012, [ReplyArrived(1), ReplyEnded(1)])


def test_the_end_is_told_with_the_error_that_came_before_it_and_the_time_it_lived():
    async def main():
        line = await Line(MemoryTransport(created()))
        await asyncio.sleep(60)
        line.far.says(error("session_expired"))
        line.far.closes(1000)
        return await line.running

    ending = jumping(main())
    assert (ending.code, ending.last_code, round(ending.lived)) == (1000, "session_expired", 60)


def test_a_bug_on_the_way_out_ends_the_session_loudly():
    async def main():
        line = await Line(MemoryTransport(created()))

        def broken(message):
            raise ZeroDivisionError

        line.far.send = broken
        await line.say(turn=1)
        return await line.running

    with pytest.raises(ExceptionGroup) as bug:
        jumping(main())
    assert bug.group_contains(ZeroDivisionError)


def test_who_stops_listening_leaves_nobody_writing():
    async def main():
        line = await Line(MemoryTransport(created()))
        line.far.blocks()
        await line.say(turn=1)
        line.running.cancel()
        await asyncio.wait([line.running])
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert jumping(main()) == set()
