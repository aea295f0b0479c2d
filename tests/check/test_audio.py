"""Cards in trees of files, behind doors that say what is opened; a running agent's card is only read about."""

from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from agent.check.audio import NAMES, Doors, checks
from agent.check.service import running
from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.pcm import Granted
from agent.errors import DeviceBusy, DeviceError, DeviceMissing
from agent.settings import Microphone, Settings, Speaker
from tests.check.tree import CARD, only, open_card, plug, start_service, tree, verdicts
from tests.sound.conftest import running_server

AT_48_KHZ = Granted(48_000, 1, 480, 9600)
HISS = np.random.default_rng(7).normal(0, 33, (200, 240)).astype(np.int16)
"""-60 dBFS, and half a dB less in the quietest tenth of its periods."""


@dataclass
class FakeCard:
    """Both directions of a card: what is heard of it, what it was told."""

    sound: np.ndarray = field(default_factory=HISS.copy)
    trouble: DeviceError | None = None
    pulled_after: int = 1000
    overruns_at: int = -1
    granted: Granted = AT_48_KHZ
    overruns: int = 0
    read_periods: int = 0
    played: list[int] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    open_now: int = 0

    def open(self, name):
        if self.trouble:
            raise self.trouble
        self.opened.append(name)
        self.open_now += 1
        return self

    def read(self):
        if self.read_periods == self.pulled_after:
            raise DeviceMissing("microphone hw:CARD=Device,DEV=0: No such device")
        self.overruns += self.read_periods == self.overruns_at
        self.read_periods += 1
        return self.sound[self.read_periods % len(self.sound)]

    def wait(self, wake):
        return True

    def write(self, pcm):
        self.played.append(int(np.abs(pcm).max()))
        return False

    def close(self):
        self.open_now -= 1


@contextmanager
def no_mixer(device):
    yield ()


def found(root, card=None, service=None, **sections):
    card = card or FakeCard()
    checked = tuple(checks(Settings(**sections), service, root, Doors(card.open, card.open, no_mixer)))
    assert tuple(check.name for check in checked) == NAMES
    assert card.open_now == 0
    return checked


def test_a_card_that_opens_and_hears_is_told_with_its_rate_and_noise(tmp_path):
    card = FakeCard()
    checked = found(plug(tmp_path), card)
    assert verdicts(checked) == dict.fromkeys(NAMES, "ok")
    assert card.opened == ["hw:CARD=Device,DEV=0"] * 2
    assert "the only USB microphone" in only(checked, "microphone").found
    assert "48000 Hz" in only(checked, "speaker").found
    assert only(checked, "hearing").found == "noise floor -61 dBFS, 0 samples clipped, 0 overruns"


def test_a_second_is_heard_after_the_thump_and_nothing_is_played(tmp_path):
    card = FakeCard(sound=np.concatenate((np.full((21, 240), -32768, np.int16), HISS[:179])))
    assert only(found(plug(tmp_path), card), "hearing").verdict.value == "ok"
    assert card.read_periods == 120
    assert card.played == [0] * 10


def test_no_card_is_a_failure_that_says_what_can_be_plugged_in_or_set(tmp_path):
    checked = found(tmp_path)
    assert verdicts(checked) == {"microphone": "failed", "hearing": "not checked", "speaker": "failed"}
    assert "reading-corner devices" in only(checked, "speaker").what_to_do


def test_a_card_that_could_be_two_is_a_failure(tmp_path):
    checked = found(plug(tmp_path), microphone=Microphone(card="a:b"), speaker=Speaker(card="HDMI"))
    assert verdicts(checked) == {"microphone": "failed", "hearing": "not checked", "speaker": "failed"}


def test_who_holds_a_busy_card_is_named(tmp_path):
    held = {f"{CARD}/pcm0{way}/sub0/status": "state: RUNNING\nowner_pid   : 815\n" for way in "cp"}
    names = {"proc/815/status": "Tgid:\t812\n", "proc/812/comm": "pulseaudio\n"}
    busy = FakeCard(trouble=DeviceBusy("hw:CARD=Device,DEV=0: Device or resource busy"))
    checked = found(tree(plug(tmp_path), held | names), busy)
    assert verdicts(checked) == {"microphone": "failed", "hearing": "not checked", "speaker": "failed"}
    assert "held by pulseaudio (pid 812)" in only(checked, "microphone").found
    assert "stop pulseaudio" in only(checked, "speaker").what_to_do


@pytest.mark.parametrize(
    ("trouble", "cure"),
    [
        (DeviceMissing("hw: Permission denied"), "group audio"),
        (DeviceMissing("hw: No such device"), "another port"),
        (DeviceError("hw: grants 8000 Hz"), "take another"),
    ],
)
def test_a_card_that_can_not_be_opened_is_a_failure_with_its_own_cure(tmp_path, trouble, cure):
    checked = found(plug(tmp_path), FakeCard(trouble=trouble))
    assert verdicts(checked) == {"microphone": "failed", "hearing": "not checked", "speaker": "failed"}
    assert cure in only(checked, "microphone").what_to_do


def test_a_microphone_that_is_lost_meanwhile_did_open_and_does_not_hear(tmp_path):
    checked = found(plug(tmp_path), FakeCard(pulled_after=60))
    assert verdicts(checked) == {"microphone": "ok", "hearing": "failed", "speaker": "ok"}


def test_overruns_count_from_the_second_that_is_heard(tmp_path):
    assert only(found(plug(tmp_path / "a"), FakeCard(overruns_at=5)), "hearing").verdict.value == "ok"
    assert only(found(plug(tmp_path / "b"), FakeCard(overruns_at=50)), "hearing").verdict.value == "warning"


def with_agent(root, c=815, p=816, **status):
    """The agent runs as process 812 and has the card open in its threads 815 and 816."""
    return open_card(plug(start_service(root, 812, 815, 816)), {"c": c, "p": p}, **status)


def told_of_agent(root):
    untouchable = FakeCard(trouble=AssertionError("the agent has the card"))
    return found(root, untouchable, running(root))


def test_while_the_agent_has_the_card_the_kernel_is_asked_and_the_card_left_alone(tmp_path):
    checked = told_of_agent(with_agent(tmp_path))
    assert verdicts(checked) == {"microphone": "ok", "hearing": "not checked", "speaker": "ok"}
    assert "44100 Hz, 2 channels" in only(checked, "microphone").found


@pytest.mark.parametrize("fields", [{"state": "XRUN"}, {"c": 999, "p": 999}])
def test_an_agent_whose_card_does_not_run_is_a_failure(tmp_path, fields):
    checked = told_of_agent(with_agent(tmp_path, **fields))
    assert verdicts(checked) == {"microphone": "failed", "hearing": "not checked", "speaker": "failed"}


@pytest.mark.sound
def test_real_cards_open_and_a_microphone_in_a_dead_room_hears_nothing(tmp_path):
    doors = Doors(lambda _: AlsaMicrophone("rig_microphone"), lambda _: AlsaSpeaker("rig_speaker"), no_mixer)
    with running_server():
        checked = tuple(checks(Settings(), None, plug(tmp_path), doors))
    assert verdicts(checked) == {"microphone": "ok", "hearing": "failed", "speaker": "ok"}


def test_an_agent_that_has_no_card_open_is_a_failure(tmp_path):
    checked = told_of_agent(plug(start_service(tmp_path, 812)))
    assert verdicts(checked) == {"microphone": "failed", "hearing": "not checked", "speaker": "failed"}
    assert "journalctl" in only(checked, "speaker").what_to_do
