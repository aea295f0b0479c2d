"""What the sound card of a laptop promises, on a sound server of our own."""

from contextlib import closing

import numpy as np
import pytest

from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.wake import EventWake
from agent.errors import DeviceError, DeviceMissing
from tests.contracts.microphone import MicrophoneContract
from tests.contracts.speaker import PERIOD, SpeakerContract, fill, play, play_to_the_end

pytestmark = [pytest.mark.sound, pytest.mark.usefixtures("sound_server")]


@pytest.fixture
def wake():
    wake = EventWake()
    yield wake
    wake.close()


@pytest.fixture
def speaker(sound_server):
    with closing(AlsaSpeaker("rig_speaker")) as speaker:
        yield speaker


@pytest.fixture
def microphone(sound_server):
    with closing(AlsaMicrophone("rig_microphone")) as microphone:
        yield microphone


def hear(microphone, periods):
    for _ in range(periods):
        microphone.read()


@pytest.fixture(params=[24_000, 48_000, 44_100, 16_000])
def rate(request, monkeypatch):
    """What the card runs at; the server grants whatever is asked for first."""
    monkeypatch.setattr("agent.devices.pcm.RATES", (request.param,))
    return request.param


@pytest.mark.usefixtures("rate")
class TestAlsaMicrophone(MicrophoneContract):
    """The contract, on the rig."""


@pytest.mark.usefixtures("rate")
class TestAlsaSpeaker(SpeakerContract):
    """The contract, on the rig."""


def test_what_the_speaker_plays_the_microphone_hears(rate, speaker, microphone, wake):
    assert (speaker.granted.rate, microphone.granted.rate) == (rate, rate)
    microphone.read()
    loudest = 0
    for _ in range(200):
        assert speaker.wait(wake)
        speaker.write(PERIOD)
        loudest = max(loudest, int(np.abs(microphone.read()).max(initial=0)))
        if loudest > 3000:
            break
    assert 3000 < loudest < 5000


def test_underruns_are_counted(speaker, wake, sleep):
    for _ in range(3):
        fill(speaker, wake)
        play_to_the_end(speaker, sleep)
        sleep(0.05)
    fill(speaker, wake)
    assert speaker.underruns >= 2


@pytest.mark.parametrize("device", ["no_such_device", "hw:31", "rig_unreachable"])
@pytest.mark.parametrize("kind", [AlsaMicrophone, AlsaSpeaker])
def test_a_device_that_is_not_there_is_missing(kind, device):
    with pytest.raises(DeviceMissing, match=device):
        kind(device)


@pytest.mark.parametrize("kind", [AlsaMicrophone, AlsaSpeaker])
def test_a_card_that_does_not_grant_what_is_needed_is_refused_with_what_it_grants(kind):
    with pytest.raises(DeviceError, match=r"rig_stubborn grants .*FLOAT.* instead of S16_LE"):
        kind("rig_stubborn")


def test_a_speaker_that_goes_away_is_missing_and_can_be_closed(mortal_server, wake):
    with closing(AlsaSpeaker("rig_speaker")) as speaker:
        fill(speaker, wake)
        mortal_server.kill()
        with pytest.raises(DeviceMissing):
            play(speaker, wake, 500)


def test_a_microphone_that_goes_away_is_missing_and_can_be_closed(mortal_server):
    with closing(AlsaMicrophone("rig_microphone")) as microphone:
        microphone.read()
        mortal_server.kill()
        with pytest.raises(DeviceMissing):
            hear(microphone, 500)
