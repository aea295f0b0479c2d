import pytest

from agent.relay.input_buffer import LONGEST_BYTES, InputBuffer, transcribed
from agent.relay.shapes import Refused

MS = b"\x01\x02" * 24


def test_a_commit_hands_out_what_was_appended_and_starts_afresh():
    ear = InputBuffer()
    ear.append(MS * 60)
    ear.append(MS * 40)
    assert ear.commit() == MS * 100
    with pytest.raises(Refused, match="only has 0"):
        ear.commit()


def test_a_commit_that_was_refused_leaves_the_speech_in_place():
    ear = InputBuffer()
    ear.append(MS * 99)
    with pytest.raises(Refused, match="at least 100ms"):
        ear.commit()
    ear.append(MS)
    assert len(ear.commit()) == len(MS) * 100


def test_what_is_older_than_five_minutes_falls_out():
    ear = InputBuffer()
    ear.append(bytes(LONGEST_BYTES))
    ear.append(MS * 100)
    speech = ear.commit()
    assert len(speech) == LONGEST_BYTES
    assert speech.endswith(MS * 100)


def test_a_clear_forgets():
    ear = InputBuffer()
    ear.append(MS * 100)
    ear.clear()
    with pytest.raises(Refused):
        ear.commit()


def test_a_transcript_claims_no_words():
    delta, completed = transcribed("item", MS * 1250)
    assert delta["delta"] == completed["transcript"] == "[1.2 s]"
    assert completed["usage"] == {"type": "duration", "seconds": 1}
