"""
The speaker: is it there, and does the microphone hear it in time.

Wiring. A USB speaker, or one on a USB card, in any port and with power of its own if it has a plug for that; stand it
where it will stay, not further than a metre from the microphone.

Safety. IT PLAYS ALOUD: a tone of 1 kHz for half a second at most, at or below the ceiling of the settings
(`audio.ceiling_dbfs`) and with the mixer at `speaker.level_percent`; the contract adds short hums. No ear belongs
closer than half a metre. What the microphone hears stays in memory and is gone with the test.

If it fails. "does not hear the tone": is the speaker on, and turned up by its own knob? A speakerphone that cancels its
own echo keeps the tone out of its microphone: it is fine for teaching, but this test can not see so. A round trip of
more than a quarter of a second: a wireless link or a sound server is in the way, name the card itself.
"""

from agent.units import Seconds
from hw_tests.analysis import find_tone, tone
from hw_tests.sound import WARM_UP, play, recording, silence
from tests.contracts.speaker import SpeakerContract

BELOW_CEILING_DB = 6
TONE_S = Seconds(0.5)
AFTER_S = Seconds(0.7)
"""The longest round trip that is told from none at all."""

LONGEST_TRIP_MS = 250
"""Beyond what is queued: a USB card and a metre of air take 10 to 30 ms; Bluetooth and servers 100 ms and more, and a
barge-in would be heard that much later."""


class TestSpeaker(SpeakerContract):
    """The contract that the simulated speaker keeps to as well."""


def test_it_grants_a_rate_that_we_can_use(speaker, measured):
    granted = speaker.granted
    measured("rate Hz", granted.rate)
    measured("channels", granted.channels)
    measured("period ms", 1000 * granted.period / granted.rate)
    measured("buffer ms", 1000 * granted.buffer / granted.rate)


def test_the_microphone_hears_a_tone_in_time(speaker, microphone, wake, corner, measured, clock):
    with recording(microphone, clock) as heard:
        play(speaker, wake, silence(WARM_UP), clock)
        played = play(speaker, wake, tone(TONE_S, corner.settings.audio.ceiling_dbfs - BELOW_CEILING_DB), clock)
        play(speaker, wake, silence(AFTER_S), clock)
    found = find_tone(heard.pcm(), heard.sample(played.at))
    assert found, "the microphone does not hear the tone"
    trip = heard.moment(found.begin) - played.at
    measured("level dBFS", found.level_dbfs)
    measured("above noise dB", found.above_noise_db)
    measured("write to heard ms", 1000 * trip)
    measured("of it queued ms", 1000 * played.queued)
    assert 1000 * (trip - played.queued) < LONGEST_TRIP_MS
