"""
How loud it gets: never louder than the settings let it, whatever the far end sends.

Wiring. As for the speaker, with the microphone not further than a metre away. For the last test a sound level meter
(class 2, A-weighted, slow; a phone's app is off by several dB) where a student's head will be.

Safety. IT PLAYS ALOUD, on purpose as loud as the settings allow: tones of half a second, and a spoken prompt. Send
children out of the room, keep half a metre away, and begin with a low `speaker.level_percent`.

If it fails. "louder": the card or its mixer adds gain of its own; look at `reading-corner devices`. Above 75 dB(A):
lower `speaker.level_percent` or `audio.ceiling_dbfs`, and test again.
"""

import pytest

from agent.audio.limiter import Limiter
from agent.prompts.book import Prompter
from agent.session.effects import Prompt
from agent.units import PERIOD_SAMPLES, Seconds
from hw_tests.analysis import find_tone, tone
from hw_tests.person import Deed, left_out
from hw_tests.sound import WARM_UP, play, recording, silence

TONE_S = Seconds(0.5)
AFTER_S = Seconds(0.7)

TOLERANCE_DB = 2.0
"""Two tones after each other, through the same air; people move."""

LOUDEST_DBA = 75
"""At a child's ear, for hours a day."""

TIMES = 4
"""So often the prompt is spoken: ten seconds and more, which is what a meter on "slow" needs."""


def limited(pcm, ceiling_dbfs):
    """Pass a sound through the product's own limiter, as the playout does."""
    limiter, out = Limiter(ceiling_dbfs), pcm.copy()
    for start in range(0, len(pcm), PERIOD_SAMPLES):
        out[start : start + PERIOD_SAMPLES] = limiter.process(pcm[start : start + PERIOD_SAMPLES])
    return out


def level_heard(pcm, speaker, microphone, wake, clock):
    with recording(microphone, clock) as heard:
        play(speaker, wake, silence(WARM_UP), clock)
        played = play(speaker, wake, pcm, clock)
        play(speaker, wake, silence(AFTER_S), clock)
    found = find_tone(heard.pcm(), heard.sample(played.at))
    assert found, "the microphone does not hear the tone"
    return found.level_dbfs


def test_what_comes_too_loud_is_heard_no_louder_than_the_ceiling(speaker, microphone, wake, corner, measured, clock):
    ceiling = corner.settings.audio.ceiling_dbfs
    allowed = level_heard(tone(TONE_S, ceiling), speaker, microphone, wake, clock)
    too_loud = level_heard(limited(tone(TONE_S, 0), ceiling), speaker, microphone, wake, clock)
    measured("at the ceiling dBFS", allowed)
    measured("sent at full scale dBFS", too_loud)
    assert too_loud <= allowed + TOLERANCE_DB, "louder than the ceiling"


@pytest.mark.timeout(0)
def test_a_voice_is_not_too_loud_for_a_child(speaker, wake, corner, person, measured, clock):
    person.does(Deed.MEASURE)
    voice = Prompter(corner.settings.language).choose(Prompt.ASK_ADULT, Seconds(0))
    for _ in range(TIMES):
        play(speaker, wake, limited(voice, corner.settings.audio.ceiling_dbfs), clock)
    reading = person.reads("What did the sound level meter show at most while it spoke, in dB(A)?")
    if reading is None:
        raise left_out("nobody measured the voice with a sound level meter")
    measured("level percent", corner.settings.speaker.level_percent)
    measured("voice dB(A)", reading)
    assert reading <= LOUDEST_DBA
