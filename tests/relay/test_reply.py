import base64
from itertools import groupby

from agent.relay.conversation import Conversation
from agent.relay.reply import (
    CANCELLED_AFTER,
    CREATED_AFTER,
    DELTA_BYTES,
    DELTA_EVERY,
    SPEAKS_AFTER,
    Reply,
    Spoken,
    Wishes,
)
from tests.relay.talking import the, types

SECONDS_3 = b"\x01\x02" * 72_000
AUDIO = "response.output_audio.delta"
WORDS = "response.output_audio_transcript.delta"


def a_reply(pcm=SECONDS_3, transcript="one two three", limit="inf", talk=None):
    return Reply(
        ("resp", "item"),
        Spoken(pcm, transcript),
        Wishes({}, limit, None),
        Conversation("c") if talk is None else talk,
        0.0,
    )


def heard_out(reply):
    """Moments and events to the end."""
    told = []
    while not reply.over:
        due = reply.due
        told += [(due, event) for event in reply.next()]
    return told


def events_of(reply):
    return [event for _, event in heard_out(reply)]


def test_a_reply_goes_through_its_events_in_the_recorded_order():
    kinds = [kind for kind, _ in groupby(types(events_of(a_reply(SECONDS_3[:DELTA_BYTES]))))]
    assert kinds == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        WORDS,
        AUDIO,
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]


def test_sound_comes_in_250_ms_at_five_times_real_time():
    deltas = [(at, base64.b64decode(event["delta"])) for at, event in heard_out(a_reply()) if event["type"] == AUDIO]
    assert b"".join(pcm for _, pcm in deltas) == SECONDS_3
    assert {len(pcm) for _, pcm in deltas} == {12_000}
    assert deltas[0][0] == SPEAKS_AFTER
    assert round(deltas[-1][0] - deltas[0][0], 6) == round(DELTA_EVERY * 11, 6)


def test_words_run_ahead_of_the_sound():
    kinds = [kind for kind in types(events_of(a_reply())) if kind in (WORDS, AUDIO)]
    assert kinds[0] == WORDS
    assert WORDS not in kinds[len(kinds) * 2 // 3 :]


def test_the_words_add_up_to_the_transcript():
    events = events_of(a_reply())
    assert "".join(event["delta"] for event in events if event["type"] == WORDS) == "one two three"
    assert the("response.output_audio_transcript.done", events)["transcript"] == "one two three"


def test_a_cancelled_reply_ends_incomplete_and_cancelled():
    reply = a_reply()
    while reply.due < 0.5:
        reply.next()
    reply.cancel(0.5)
    told = heard_out(reply)
    assert told[-1][0] == 0.5 + CANCELLED_AFTER
    events = [event for _, event in told]
    assert the("conversation.item.done", events)["item"]["status"] == "incomplete"
    response = the("response.done", events)["response"]
    assert (response["status"], response["status_details"]) == (
        "cancelled",
        {"type": "cancelled", "reason": "client_cancelled"},
    )
    assert response["usage"]["output_token_details"]["audio_tokens"] < 60


def test_a_reply_cancelled_before_it_spoke_has_no_item():
    reply = a_reply()
    reply.next()
    reply.cancel(CREATED_AFTER)
    assert not reply.audible
    (done,) = events_of(reply)
    assert done["response"]["output"] == []


def test_cancelling_twice_or_too_late_changes_nothing():
    reply = a_reply()
    reply.cancel(0.5)
    reply.cancel(0.5)
    assert types(events_of(reply)).count("response.done") == 1
    reply = a_reply()
    end = heard_out(a_reply())[-1][0]
    reply.cancel(end)
    assert the("response.done", events_of(reply))["response"]["status"] == "completed"


def test_a_reply_longer_than_the_limit_is_incomplete():
    events = events_of(a_reply(limit=10))
    assert sum(len(base64.b64decode(event["delta"])) for event in events if event["type"] == AUDIO) == 500 * 48
    response = the("response.done", events)["response"]
    assert (response["status"], response["status_details"]["reason"]) == ("incomplete", "max_output_tokens")


def test_a_voice_without_sound_says_nothing_at_all():
    assert types(events_of(a_reply(b"", "words"))) == ["response.created", "response.done"]


def test_what_is_cut_while_it_is_spoken_stays_cut():
    talk = Conversation("c")
    reply = a_reply(talk=talk)
    while not reply.audible:
        reply.next()
    item = talk.find("item")
    item.cut(100)
    events = events_of(reply)
    assert item.audio_ms == 100
    assert the("conversation.item.done", events)["item"]["content"][0]["transcript"] is None
    assert the("response.done", events)["response"]["usage"]["output_token_details"]["audio_tokens"] == 60
