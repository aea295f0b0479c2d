"""What a card grants is read back and checked, and a card that moves nothing is gone, whatever it says."""

import errno

import pytest

from agent.devices.pcm import A_WHILE, FIRST_PROGRESS, NO_HURRY, NO_PROGRESS, Card, Granted
from agent.devices.wake import EventWake
from agent.errors import DeviceBusy, DeviceError, DeviceMissing
from tests.devices.fake_alsa import FakeAlsa, FakeCard

PERIODS = 3


@pytest.fixture
def plugged(monkeypatch):
    """Plug a card in as "usb"."""

    def plug(card):
        alsa = FakeAlsa({"usb": card})
        alsa.install(monkeypatch)
        return alsa

    return plug


@pytest.fixture
def wake():
    wake = EventWake()
    yield wake
    wake.close()


def speaker(device="usb"):
    return Card(f"speaker {device}", device, FakeAlsa.PCM_PLAYBACK, PERIODS)


def microphone():
    return Card("microphone usb", "usb", FakeAlsa.PCM_CAPTURE, PERIODS)


@pytest.mark.parametrize(
    ("card", "granted"),
    [
        (FakeCard(rates=(24_000, 48_000)), Granted(24_000, 1, 240, 720)),
        (FakeCard(rates=(44_100, 48_000), channels=(2,)), Granted(48_000, 2, 480, 1440)),
        (FakeCard(rates=(44_100,)), Granted(44_100, 1, 441, 1323)),
        (FakeCard(rates=(8_000, 16_000)), Granted(16_000, 1, 160, 480)),
        (FakeCard(rates=(16_000, 32_000, 44_100)), Granted(32_000, 1, 320, 960)),
        (FakeCard(rates=(48_000,), channels=(8,)), Granted(48_000, 8, 480, 1440)),
        (FakeCard(rates=(48_000,), periods=(512, 512)), Granted(48_000, 1, 512, 1536)),
        (FakeCard(rates=(48_000, 96_000), periods=(1024, 4096)), Granted(96_000, 1, 1024, 3072)),
    ],
    ids=["24k", "48k stereo", "44.1k", "16k", "32k", "8 channels", "odd periods", "long periods"],
)
def test_the_best_that_the_card_can_do_is_taken(plugged, card, granted):
    plugged(card)
    assert speaker().granted == granted


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (FakeCard(formats=("S24_LE",)), "S24_LE instead of S16_LE"),
        (FakeCard(rates=(22_050,)), "22050 Hz"),
        (FakeCard(channels=(18,)), "18 channels"),
        (FakeCard(periods=(1024, 4096)), "periods of 1024 frames in a buffer of 3072 at 24000 Hz"),
        (FakeCard(holds=240), "periods of 240 frames in a buffer of 240"),
        (FakeCard(periods=(16, 64)), "periods of 64 frames in a buffer of 192"),
    ],
    ids=["24 bits", "rate", "channels", "long periods", "one period", "short periods"],
)
def test_a_card_that_can_not_be_used_is_refused_with_what_it_grants(plugged, card, words):
    plugged(card)
    with pytest.raises(DeviceError, match=f"speaker usb grants {words}.*name another card"):
        speaker()
    assert not card.is_held


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (errno.ENOENT, DeviceMissing),
        (errno.ENODEV, DeviceMissing),
        (errno.EIO, DeviceMissing),
        (errno.EBUSY, DeviceBusy),
        (errno.EINVAL, DeviceError),
    ],
)
def test_what_alsa_has_against_it_is_told_in_our_words(plugged, code, error):
    plugged(FakeCard(failing={"open": code}))
    with pytest.raises(error, match="speaker usb: ") as told:
        speaker()
    assert type(told.value) is error


def test_a_card_that_somebody_holds_is_busy_and_free_after_they_closed_it(plugged):
    plugged(FakeCard())
    first = speaker()
    with pytest.raises(DeviceBusy):
        speaker()
    first.close()
    first.close()
    speaker()


def test_a_card_that_goes_while_it_is_opened_is_missing_and_not_held(plugged):
    card = FakeCard(failing={"polldescriptors": errno.ENODEV})
    plugged(card)
    with pytest.raises(DeviceMissing):
        speaker()
    assert not card.is_held


def test_a_card_that_is_gone_can_be_closed(plugged):
    card = FakeCard()
    plugged(card)
    opened = speaker()
    card.failing["every"] = errno.ENODEV
    opened.close()
    assert not card.is_held


def await_for_ever(card):
    while True:
        card.await_events(NO_HURRY)


def until_gone(alsa, card):
    """Wait for events until the card is said to be gone; how long that took, in seconds."""
    began = alsa.now
    with pytest.raises(DeviceMissing, match="no progress"):
        await_for_ever(card)
    return alsa.now - began


def test_a_card_that_says_nothing_is_gone_after_a_second(plugged):
    alsa = plugged(FakeCard())
    card = microphone()
    card.pcm.read()
    assert card.await_events(card.soon())
    card.moved()
    alsa.cards["usb"].stops_at = alsa.now
    assert until_gone(alsa, card) == pytest.approx(NO_PROGRESS)


def test_a_card_that_never_moved_anything_has_longer_for_a_server_may_sleep(plugged):
    alsa = plugged(FakeCard(stops_at=0))
    assert until_gone(alsa, microphone()) == pytest.approx(FIRST_PROGRESS)


def test_a_card_that_calls_itself_ready_for_ever_is_gone_too_and_not_looked_at_all_the_time(plugged):
    alsa = plugged(FakeCard(says_ready=True))
    card = microphone()
    assert until_gone(alsa, card) == pytest.approx(FIRST_PROGRESS, abs=0.01)
    assert alsa.polls < 600 * FIRST_PROGRESS * 2


def test_having_moved_without_a_wait_says_nothing_about_a_server_that_sleeps(plugged):
    alsa = plugged(FakeCard(stops_at=0))
    card = microphone()
    card.moved()
    assert until_gone(alsa, card) == pytest.approx(FIRST_PROGRESS)


def test_a_wake_ends_the_wait_and_the_rest_of_a_card_that_calls_itself_ready(plugged, wake):
    alsa = plugged(FakeCard(says_ready=True))
    card, began = microphone(), alsa.now
    wake.set()
    assert not any(card.await_events(card.soon(), wake.fileno()) for _ in range(3))
    assert alsa.now == began


@pytest.mark.parametrize("says_ready", [True, False])
def test_nobody_is_kept_waiting_for_longer_than_a_while_and_the_patience_is_that_of_all_waits(plugged, says_ready):
    alsa = plugged(FakeCard(stops_at=0, says_ready=says_ready))
    card, began = microphone(), alsa.now

    def wait_again_and_again():
        while True:
            until = card.soon()
            while card.await_events(until):
                pass
            waits.append(alsa.now - until)

    waits = []
    with pytest.raises(DeviceMissing, match="no progress"):
        wait_again_and_again()
    assert max(waits) <= 0.01
    assert len(waits) >= FIRST_PROGRESS / A_WHILE - 2
    assert alsa.now - began == pytest.approx(FIRST_PROGRESS, abs=0.01)


def test_trouble_with_the_events_means_that_the_card_is_gone(plugged):
    alsa = plugged(FakeCard(says_ready=True, failing={"polldescriptors_revents": errno.EIO}))
    with pytest.raises(DeviceMissing, match="Input/output error"):
        microphone().await_events(NO_HURRY)
    assert alsa.now == 1000.0
