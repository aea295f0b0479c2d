from agent.relay.configuration import defaults, updated


def heard(session):
    return session["audio"]["input"]


def test_only_what_is_present_changes():
    before = defaults("sess", 5)
    after = updated(before, {"type": "realtime", "instructions": "Lee.", "audio": {"output": {"voice": "marin"}}})
    assert (after["instructions"], after["audio"]["output"]["voice"]) == ("Lee.", "marin")
    assert after["audio"]["output"]["speed"] == 1.0
    assert heard(after) == heard(before)
    assert before["instructions"] != "Lee."


def test_what_is_left_out_of_a_feature_has_its_default():
    after = updated(
        defaults("sess", 5),
        {"audio": {"input": {"turn_detection": {"type": "semantic_vad"}, "transcription": {"model": "m"}}}},
    )
    assert heard(after)["turn_detection"]["eagerness"] == "auto"
    assert heard(after)["transcription"] == {"model": "m", "language": None, "prompt": None}


def test_null_turns_a_feature_off():
    on = updated(defaults("sess", 5), {"audio": {"input": {"transcription": {"model": "m"}}}})
    off = updated(on, {"audio": {"input": {"turn_detection": None, "transcription": None}}})
    assert (heard(off)["turn_detection"], heard(off)["transcription"]) == (None, None)


def test_an_echoed_audio_block_can_be_sent_back_whole():
    session = defaults("sess", 5)
    assert updated(session, {"audio": session["audio"]}) == session
