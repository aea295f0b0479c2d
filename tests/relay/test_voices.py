from agent.relay.voices import ParrotVoice, ScriptedVoice, bilingual, recordings


def test_the_recordings_are_speech_of_nine_and_five_seconds_in_both_languages():
    replies = recordings()
    assert {language: [len(reply.pcm) // 48_000 for reply in of] for language, of in replies.items()} == {
        "es": [9, 5],
        "en": [9, 5],
    }


def test_a_device_hears_its_own_language_first_then_the_other_in_turn():
    replies = recordings()
    for own, other in (("es", "en"), ("en", "es")):
        voice = ScriptedVoice(bilingual(replies, own))
        heard = [voice.answer(b"") for _ in range(5)]
        assert heard == [replies[own][0], replies[other][0], replies[own][1], replies[other][1], replies[own][0]]


def test_a_parrot_says_back_whole_samples():
    assert ParrotVoice().answer(b"\1\2\3").pcm == b"\1\2"
