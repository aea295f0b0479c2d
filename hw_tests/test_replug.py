"""
Replug: a card that is pulled out is noticed within a second, and found again within two.

Wiring. As the corner will be. If microphone and speaker are two cards, pull out and put back both at once, or the hub
that both are on.

Safety. Nothing sounds. USB may be pulled and plugged under power; pull at the plug, not at the cable.

Before. A person with a hand on the plug, and a terminal (`--yes`: left out).

If it fails. "is not noticed" or "is not found again": the kernel's log (`journalctl -k`) says what USB made of it; a
card that comes back under another USB port is not the one that the settings name as `port:`.
"""

from contextlib import closing

import pytest

from agent.devices.replug import ReplugMicrophone, ReplugSpeaker
from agent.devices.wake import until_woken
from agent.errors import DeviceMissing
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, Seconds
from hw_tests.person import Deed, lacking
from hw_tests.sound import running, silence

LOOKED_EVERY_S = 0.02
GIVES_UP_S = 60
"""As long as a person may take to find the plug."""

NOTICED_S = 1.0
FOUND_S = 2.0


class Plugs:
    """When each device was lost and found. Threads: `lost` and `found` are for the audio threads."""

    def __init__(self, clock):
        self._clock = clock
        self.lost_at, self.found_at = {}, {}

    def opener(self, name, open_it):
        def find():
            device = open_it()
            self.found_at[name] = self._clock()
            return device

        return find

    def lost(self, name):
        return lambda _why: self.lost_at.setdefault(name, self._clock())


def until(condition, clock, sleep, what):
    """Wait for something that a person or a card does; return when it was so."""
    end = clock() + GIVES_UP_S
    while not condition():
        assert clock() < end, f"{what} within {GIVES_UP_S} s"
        sleep(LOOKED_EVERY_S)
    return clock()


@pytest.mark.timeout(0)
def test_microphone_and_speaker_come_back(corner, person, wake, clock, sleep, measured):
    plugs = Plugs(clock)
    try:
        with closing(corner.microphone()), closing(corner.speaker()):
            pass
    except DeviceMissing as missing:
        raise lacking(str(missing)) from None
    microphone = ReplugMicrophone(plugs.opener("microphone", corner.microphone), clock, sleep, plugs.lost("microphone"))
    speaker = ReplugSpeaker(plugs.opener("speaker", corner.speaker), clock, until_woken, plugs.lost("speaker"))
    period = silence(Seconds(PERIOD_SAMPLES / SAMPLE_RATE_HZ))

    def feed():
        if speaker.wait(wake):
            speaker.write(period)

    def are_plugged(wanted):
        return all(corner.is_plugged(direction) is wanted for direction in ("capture", "playback"))

    with (
        closing(microphone),
        closing(speaker),
        running({"capture": microphone.read, "playout": feed}, wake.set),
    ):
        until(lambda: len(plugs.found_at) == 2, clock, sleep, "the cards are not opened")
        plugs.found_at.clear()
        plugs.lost_at.clear()
        person.begins(Deed.UNPLUG)
        gone = until(lambda: are_plugged(False), clock, sleep, "nothing was pulled out")
        until(lambda: len(plugs.lost_at) == 2, clock, sleep, "a card that is gone is not noticed")
        person.begins(Deed.PLUG)
        back = until(lambda: are_plugged(True), clock, sleep, "nothing was put back")
        until(lambda: len(plugs.found_at) == 2, clock, sleep, "a card that is back is not found again")
    for name in ("microphone", "speaker"):
        measured(f"{name} noticed ms", 1000 * (plugs.lost_at[name] - gone))
        measured(f"{name} found ms", 1000 * (plugs.found_at[name] - back))
    assert max(plugs.lost_at.values()) - gone < NOTICED_S, "noticed too late"
    assert max(plugs.found_at.values()) - back < FOUND_S, "found again too late"
