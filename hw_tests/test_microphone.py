"""
The microphone: is it there, what does it grant, how quiet is it, does it clip.

Wiring. A USB microphone, or a USB card with one, in any port; a Pi 3 or Zero 2 W is better off without a hub. If there
are several, put the name that `reading-corner devices` shows into `microphone.card`.

Safety. Nothing sounds. What the microphone hears stays in memory and is gone with the test: no file, no log, only the
levels are kept. Tell whoever is in the room all the same; the ring is dark while these tests listen.

Before. Quiet: doors shut, no voices, the corner's usual fans on. One test asks a person to speak up (`--yes`: left
out).

If it fails. "only zeros": the microphone is muted, by a switch on itself or in its mixer. A noise floor that is too
high: another USB port, a shorter cable, less `microphone.capture_gain_percent`. Clipping: less gain, or
`microphone.agc = false`.
"""

import pytest

from agent.audio.level import BRIGHT_DBFS, DARK_DBFS, FLOOR_DBFS, dbfs
from hw_tests.analysis import clipped, noise_floor_dbfs
from hw_tests.person import Deed
from hw_tests.sound import recording
from tests.contracts.microphone import MicrophoneContract

LISTEN_S = 3
SPEAK_S = 5

SPEECH_ABOVE_NOISE_DB = 20
"""Between the floor and a voice; with 15 dB and less, recognisers begin to miss words of children."""

MOST_CLIPPED = 0.001
"""Of the samples of a loud voice; a thousandth is a plosive now and then."""


class TestMicrophone(MicrophoneContract):
    """The contract that the simulated microphone keeps to as well."""


def listen(microphone, clock, sleep, seconds):
    with recording(microphone, clock) as heard:
        sleep(seconds)
    return heard.pcm()


def test_it_grants_a_rate_and_periods_that_we_can_use(microphone, measured):
    # What grants nothing that we can use does not open.
    granted = microphone.granted
    measured("rate Hz", granted.rate)
    measured("channels", granted.channels)
    measured("period ms", 1000 * granted.period / granted.rate)
    measured("buffer ms", 1000 * granted.buffer / granted.rate)


def test_a_quiet_room_is_quiet_but_not_dead(microphone, measured, clock, sleep):
    pcm = listen(microphone, clock, sleep, LISTEN_S)
    floor = noise_floor_dbfs(pcm)
    measured("noise floor dBFS", floor)
    measured("offset", int(pcm.mean()))
    assert floor > FLOOR_DBFS, "only zeros: the microphone is muted"
    assert floor < DARK_DBFS, "too noisy: the ring would show a voice where there is none"
    assert clipped(pcm) == 0, "it clips in a quiet room"


@pytest.mark.timeout(0)
def test_a_loud_voice_stands_out_and_does_not_clip(microphone, person, measured, clock, sleep):
    floor = noise_floor_dbfs(listen(microphone, clock, sleep, LISTEN_S))
    with recording(microphone, clock) as heard:
        person.begins(Deed.SPEAK_LOUDLY)
        sleep(SPEAK_S)
    pcm = heard.pcm()
    voice, share = dbfs(pcm), clipped(pcm) / len(pcm)
    measured("voice dBFS", voice)
    measured("above noise dB", voice - floor)
    measured("clipped per mille", 1000 * share)
    assert voice - floor > SPEECH_ABOVE_NOISE_DB, "too soft: more capture_gain_percent, or a microphone that is nearer"
    assert voice < BRIGHT_DBFS, "too loud: less capture_gain_percent"
    assert share < MOST_CLIPPED, "it clips: less capture_gain_percent, or agc = false"
