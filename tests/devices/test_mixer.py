"""The mixer of ALSA itself: that of a sound server, which its plugin shows as a card's, and none."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from agent.devices.levels import ControlState
from agent.devices.mixer import apply, states
from agent.errors import DeviceError, DeviceMissing
from tests.sound.conftest import running_server

MIXER = """
ctl.rig_mixer {{ type pulse server "unix:{folder}/native" sink "speaker" source "microphone.monitor" }}
"""


@pytest.fixture(scope="module")
def rig_mixer():
    with running_server():
        configuration = Path(os.environ["ALSA_CONFIG_PATH"])
        configuration.write_text(configuration.read_text() + MIXER.format(folder=configuration.parent))
        yield "rig_mixer"


@pytest.mark.sound
def test_levels_and_switches_are_set_on_the_card_and_found_there_at_the_next_open(rig_mixer):
    result = apply(rig_mixer, capture_gain_percent=40, agc=False, level_percent=70)
    assert result.done == (
        "Capture gain 40 % (step 26214)",
        "Capture on",
        "Master level 70 % (step 45875)",
        "Master on",
    )
    assert result.failed == ("automatic gain: no such switch",)
    assert states(rig_mixer) == (
        ControlState("Master", None, 70, ("playback",)),
        ControlState("Capture", 40, None, ("capture",)),
    )


@pytest.mark.sound
def test_a_card_that_was_made_louder_meanwhile_is_back_at_its_ceiling_after_the_next_open(rig_mixer):
    apply(rig_mixer, level_percent=100)
    apply(rig_mixer, level_percent=30)
    assert states(rig_mixer)[0].playback_percent == 30


def test_a_card_whose_mixer_does_not_answer_is_not_there_or_it_would_be_as_loud_as_it_was_made(capfd):
    assert states("hw:CARD=NoSuchCard") == ()
    with pytest.raises(DeviceMissing, match="no mixer"):
        apply("hw:CARD=NoSuchCard", level_percent=70)
    assert "NoSuchCard" in capfd.readouterr().err  # libasound's own words, for whoever reads the journal


def test_a_card_that_goes_away_while_it_is_looked_at_has_no_controls():
    class Gone:
        name = "Speaker"

        def steps(self, direction):
            return (0, 37)

        def has_switch(self, direction):
            return False

        def levels(self, direction):
            raise DeviceError("No such device")

    assert states("hw:CARD=Device", lambda device: nullcontext([Gone()])) == ()
