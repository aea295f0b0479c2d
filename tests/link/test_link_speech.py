"""What becomes of an utterance, and of the memory of a reply, when sessions end and others follow."""

import asyncio
import base64

import numpy as np

from agent.session.events import LinkLost, LinkUp, StoreFull, UtteranceLost, UtteranceSent
from agent.units import EndOfUtterance
from tests.link.corner import PART, SOUND, WORDS, corner, lived
from tests.link.transport import error, settled


def heard_speech(session):
    """The frames that the far end got, by number."""
    data = b"".join(base64.b64decode(event["audio"]) for event in session.heard if "audio" in event)
    return np.frombuffer(data, "<i2")[::480].tolist()


@lived
async def test_an_utterance_that_was_cut_goes_out_whole_on_the_next_session():
    async with corner() as here:
        here.link.open(1)
        here.speak(1, range(10))
        await settled()
        here.session(1).cut()
        await settled()
        here.speak(1, range(10, 20))
        await asyncio.sleep(1)
        here.speak(1, range(20, 30))
        here.link.end(EndOfUtterance(1))
        await settled()
        assert heard_speech(here.session(1)) == list(range(10))
        assert heard_speech(here.session(2)) == list(range(30))
        assert here.session(2).types[-2:] == ["input_audio_buffer.commit", "response.create"]


@lived
async def test_an_utterance_that_was_committed_but_not_answered_is_sent_again():
    async with corner() as here:
        await here.say(turn=1)
        here.session(1).cut()
        await asyncio.sleep(1)
        assert heard_speech(here.session(2)) == heard_speech(here.session(1))
        assert here.told == [LinkUp(), UtteranceSent(1), LinkLost(), LinkUp(), UtteranceSent(1)]


@lived
async def test_an_utterance_whose_reply_has_begun_is_not():
    async with corner() as here:
        await here.say(turn=1)
        here.session(1).says({"type": "response.created", "response": {"id": "r1"}}, SOUND)
        here.session(1).cut()
        await asyncio.sleep(1)
        assert heard_speech(here.session(2)) == []


@lived
async def test_an_utterance_that_outlives_session_after_session_is_told_lost():
    async with corner() as here:
        await here.say(turn=1)
        for number in range(1, 4):
            here.session(number).cut()
            await asyncio.sleep(1)
        assert UtteranceLost(1) in here.told
        assert here.link.drop_speech() == 0


@lived
async def test_an_error_that_answers_the_commit_settles_the_utterance():
    async with corner() as here:
        await here.say(turn=1)
        commit = next(event for event in here.session(1).heard if event["type"] == "input_audio_buffer.commit")
        here.session(1).says(error("input_audio_buffer_commit_empty", event_id=commit["event_id"]))
        await settled()
        assert here.link.drop_speech() == 0


@lived
async def test_while_the_link_is_down_no_more_is_kept_than_may_be():
    async with corner() as here:
        here.link.open(1)
        here.speak(1, range(500))
        here.session(1).cut()
        await settled()
        here.speak(1, range(999))
        assert here.told[-1] == LinkLost()
        here.speak(1, range(1))
        assert here.told[-1] == StoreFull(1)


@lived
async def test_speech_that_is_dropped_is_taken_back_from_the_far_end():
    async with corner() as here:
        here.link.open(1)
        here.speak(1, range(10))
        await settled()
        assert here.link.drop_speech() == 200
        await settled()
        assert here.session(1).types[-1] == "input_audio_buffer.clear"


@lived
async def test_what_was_cut_short_is_told_to_this_session_and_remembered_so_in_the_next():
    async with corner() as here:
        await here.say(turn=1)
        here.session(1).says({"type": "response.created", "response": {"id": "r1"}}, WORDS, SOUND)
        await settled()
        here.link.cancel_reply()
        here.link.silenced({PART: 12_000})
        await settled()
        assert here.session(1).types[-2:] == ["response.cancel", "conversation.item.truncate"]
        here.session(1).cut()
        await asyncio.sleep(1)
        (seed,) = here.session(2).heard
        assert seed["item"]["content"] == [{"type": "output_text", "text": "Once"}]


@lived
async def test_speech_that_is_sent_again_is_not_told_as_text_too():
    async with corner() as here:
        await here.say(turn=1)
        committed = {"type": "input_audio_buffer.committed", "item_id": "i0"}
        heard = {
            "type": "conversation.item.input_audio_transcription.completed",
            "item_id": "i0",
            "transcript": "hello",
        }
        here.session(1).says(committed, heard, {"type": "response.created", "response": {"id": "r1"}}, WORDS)
        await settled()
        here.session(1).cut()
        await asyncio.sleep(1)
        assert {event["type"] for event in here.session(2).heard} == {
            "input_audio_buffer.append",
            "input_audio_buffer.commit",
            "response.create",
        }
