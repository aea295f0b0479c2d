"""Microphone and speaker on cards of all kinds, well and unwell; the cards are fakes with the real rules."""

import errno
from contextlib import closing

import numpy as np
import pytest

from agent.audio.rate import to_card
from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.pcm import A_WHILE, NO_PROGRESS
from agent.devices.wake import EventWake
from agent.errors import DeviceMissing
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ
from tests.contracts.microphone import MicrophoneContract
from tests.contracts.speaker import PERIOD, SpeakerContract, fill, play
from tests.devices.fake_alsa import FakeAlsa, FakeCard

CARDS = {
    "24k mono": {},
    "48k stereo": {"rates": (48_000,), "channels": (2,)},
    "44.1k": {"rates": (44_100,)},
    "16k mono": {"rates": (16_000,)},
    "8 channels": {"rates": (48_000,), "channels": (8,)},
    "odd periods": {"rates": (48_000,), "periods": (512, 512)},
    "short periods": {"rates": (48_000,), "periods": (16, 320)},
    "long periods": {"rates": (48_000,), "periods": (960, 960)},
}
LEVEL = 4000


@pytest.fixture(params=CARDS)
def card(request):
    return FakeCard(**CARDS[request.param])


@pytest.fixture
def alsa(card, monkeypatch):
    alsa = FakeAlsa({"usb": card})
    alsa.install(monkeypatch)
    return alsa


@pytest.fixture
def clock(alsa):
    return alsa.monotonic


@pytest.fixture
def sleep(alsa):
    return alsa.sleep


@pytest.fixture
def wake():
    wake = EventWake()
    yield wake
    wake.close()


@pytest.fixture
def microphone(alsa):
    with closing(AlsaMicrophone("usb")) as microphone:
        yield microphone


@pytest.fixture
def speaker(alsa):
    with closing(AlsaSpeaker("usb")) as speaker:
        yield speaker


class TestAlsaMicrophone(MicrophoneContract):
    """The contract, on every card."""


class TestAlsaSpeaker(SpeakerContract):
    """The contract, on every card."""


def hum(count, rate, level=LEVEL):
    """440 Hz from the beginning."""
    return level * np.sin(2 * np.pi * 440 * np.arange(count) / rate)


def strength(sound, rate):
    """How much of it is 440 Hz, as an amplitude."""
    wave = np.exp(-2j * np.pi * 440 * np.arange(len(sound)) / rate)
    return 2 * abs(np.mean(sound * wave))


def listen(microphone, periods):
    return np.concatenate([microphone.read() for _ in range(periods)])


def is_soon_gone(alsa, ask):
    """Ask until the device is said to be gone: whether that takes a second at most, and no answer more than a while."""
    began, answers = alsa.now, [alsa.now]

    def ask_on():
        while True:
            ask()
            answers.append(alsa.now)

    with pytest.raises(DeviceMissing, match="no progress"):
        ask_on()
    return alsa.now - began <= NO_PROGRESS + 0.02 and max(np.diff(answers)) <= A_WHILE + 0.01


def test_what_is_hummed_into_the_microphone_is_what_is_read(card, microphone):
    card.source = lambda first, count, channels: np.repeat(
        hum(first + count, microphone.granted.rate)[first:, None], channels, axis=1
    )
    heard = listen(microphone, 100)[-SAMPLE_RATE_HZ // 2 :]
    assert strength(heard, SAMPLE_RATE_HZ) == pytest.approx(LEVEL, rel=0.01)
    assert microphone.overruns == 0


def test_what_is_played_comes_out_of_every_channel(card, speaker, wake):
    sound = hum(SAMPLE_RATE_HZ, SAMPLE_RATE_HZ).astype(np.int16)
    for period in sound.reshape(-1, PERIOD_SAMPLES):
        assert speaker.wait(wake)
        assert not speaker.write(period)
    speaker.drop()
    rate, heard = speaker.granted.rate, np.concatenate(card.heard)
    assert strength(heard[-rate // 2 :, 0], rate) == pytest.approx(LEVEL, rel=0.01)
    assert (heard == heard[:, :1]).all()
    assert heard.shape[1] == speaker.granted.channels


@pytest.mark.parametrize("silent_periods", [1, 2, 5, 10, 30, 200])
def test_a_pause_of_any_length_is_heard_as_the_converter_makes_it(card, speaker, wake, silent_periods):
    """The speaker works long silence out only once: nobody is to hear that, at either edge of it."""
    sound = hum(10 * PERIOD_SAMPLES, SAMPLE_RATE_HZ).astype(np.int16)
    stream = np.concatenate((sound, np.zeros(silent_periods * PERIOD_SAMPLES, np.int16), sound, np.zeros_like(sound)))
    converter, due = to_card(speaker.granted.rate), []
    for period in stream.reshape(-1, PERIOD_SAMPLES):
        assert speaker.wait(wake)
        speaker.write(period)
        due.append(converter.process(period))
    speaker.drop()
    heard = np.concatenate(card.heard)[:, 0]
    assert len(heard) > len(stream) * speaker.granted.rate / SAMPLE_RATE_HZ / 2
    off = np.concatenate(due)[: len(heard)].astype(np.int32) - heard
    assert abs(off).max() <= 1  # soxr rounds by where in its own blocks a sample falls


def test_what_counts_as_heard_was_heard(card, alsa, speaker, wake):
    marks = np.full(PERIOD_SAMPLES, LEVEL, np.int16)
    play(speaker, wake, 20)
    for _ in range(50):
        assert speaker.wait(wake)
        speaker.write(marks)
        alsa.sleep(0.003)
    heard = 50 * PERIOD_SAMPLES - speaker.queued()
    speaker.drop()
    sounded = np.concatenate(card.heard)[:, 0]
    begun = len(sounded) - np.flatnonzero(np.abs(sounded[::-1] - LEVEL) > LEVEL / 2)[0]
    really = (len(sounded) - begun) * SAMPLE_RATE_HZ / speaker.granted.rate
    assert really - 30 <= heard <= really + 30  # a filter has no sharp edges


@pytest.mark.parametrize("takes", [1, 100])
def test_a_card_that_takes_little_at_a_time_gets_all_of_it(card, alsa, speaker, wake, takes):
    card.takes = takes
    sound = hum(SAMPLE_RATE_HZ // 5, SAMPLE_RATE_HZ).astype(np.int16)
    for period in sound.reshape(-1, PERIOD_SAMPLES):
        assert speaker.wait(wake)
        assert not speaker.write(period)
    speaker.drop()
    rate = speaker.granted.rate
    assert strength(np.concatenate(card.heard)[-rate // 10 :, 0], rate) == pytest.approx(LEVEL, rel=0.02)


def test_waiting_for_room_costs_few_looks(alsa, speaker, wake):
    play(speaker, wake, 100)
    assert alsa.polls < 1000


def test_a_click_before_the_press_is_over_when_what_waited_has_been_read(alsa, card, microphone):
    clicked = microphone.granted.rate // 2
    card.source = lambda first, count, channels: np.where(
        (np.arange(first, first + count) // 100 == clicked // 100)[:, None], 20_000, 0
    ).repeat(channels, axis=1)
    listen(microphone, 1)
    alsa.sleep(0.504)
    listen(microphone, microphone.waiting() // PERIOD_SAMPLES + 1)
    assert np.abs(listen(microphone, 20)).max() < 100


@pytest.mark.parametrize("ceiling_dbfs", [-6.0, -20.0])
def test_nothing_that_goes_to_the_card_is_above_the_ceiling_not_even_between_our_samples(
    alsa, card, wake, ceiling_dbfs
):
    cap = 32767 * 10 ** (ceiling_dbfs / 20)
    noise = np.where(np.random.default_rng(1).random(SAMPLE_RATE_HZ) < 0.5, -cap, cap).astype(np.int16)
    with closing(AlsaSpeaker("usb", ceiling_dbfs)) as speaker:
        for period in noise.reshape(-1, PERIOD_SAMPLES):
            assert speaker.wait(wake)
            speaker.write(period)
    assert np.abs(np.concatenate(card.heard).astype(int)).max() <= cap


def test_a_reader_that_was_late_finds_out_what_waits_and_catches_up_without_waiting(alsa, microphone, clock):
    microphone.read()
    alsa.sleep(0.1)
    began, behind = clock(), microphone.waiting()
    assert behind >= 9 * PERIOD_SAMPLES
    listen(microphone, 5)
    assert clock() == began
    assert behind - microphone.waiting() == pytest.approx(5 * PERIOD_SAMPLES, abs=2)


class TestOneCard:
    """What has nothing to do with rates and channels."""

    @pytest.fixture
    def card(self):
        return FakeCard()

    @pytest.fixture
    def microphone_of(self, monkeypatch):
        """The microphone of a card like this."""

        def plug(**card):
            FakeAlsa({"usb": FakeCard(**card)}).install(monkeypatch)
            return AlsaMicrophone("usb")

        return plug

    def test_of_two_channels_the_mean_is_heard(self, microphone_of):
        microphone = microphone_of(channels=(2,), source=lambda _, count, __: np.tile([100, 300], (count, 1)))
        assert listen(microphone, 2).tolist() == [200] * 2 * PERIOD_SAMPLES

    def test_the_mean_of_the_loudest_is_not_wrapped_around(self, microphone_of):
        microphone = microphone_of(channels=(2,), source=lambda _, count, __: np.full((count, 2), -32768))
        assert listen(microphone, 2).tolist() == [-32768] * 2 * PERIOD_SAMPLES

    def test_of_more_channels_the_first_is_heard(self, microphone_of):
        microphone = microphone_of(channels=(6,), source=lambda _, count, __: np.tile([9, 1, 2, 3, 4, 5], (count, 1)))
        assert listen(microphone, 2).tolist() == [9] * 2 * PERIOD_SAMPLES

    def test_a_read_that_ends_within_a_frame_shifts_nothing(self, microphone_of):
        microphone = microphone_of(channels=(2,), source=lambda _, count, __: np.full((count, 2), 257), is_torn=True)
        assert listen(microphone, 5).tolist() == [257] * 5 * PERIOD_SAMPLES

    def test_a_reader_that_is_too_late_has_an_overrun_and_goes_on(self, alsa, microphone):
        microphone.read()
        alsa.sleep(1.0)
        assert len(listen(microphone, 10)) == 10 * PERIOD_SAMPLES
        assert microphone.overruns == 1

    def test_a_thread_that_was_held_up_for_long_while_it_waited_has_not_lost_its_card(self, alsa, microphone):
        listen(microphone, 5)
        alsa.held_up = 3 * NO_PROGRESS
        assert len(listen(microphone, 5)) == 5 * PERIOD_SAMPLES
        assert microphone.overruns == 1

    def test_an_overrun_that_waits_is_nothing_to_read(self, alsa, microphone):
        microphone.read()
        alsa.sleep(1.0)
        assert microphone.waiting() == 0

    def test_an_underrun_is_counted_once(self, alsa, speaker, wake):
        fill(speaker, wake)
        alsa.sleep(0.1)
        assert speaker.queued() == 0
        assert [speaker.write(PERIOD), speaker.write(PERIOD)] == [True, False]
        assert speaker.underruns == 1

    def test_a_writer_that_was_held_up_for_long_while_it_waited_has_not_lost_its_card(self, alsa, speaker, wake):
        play(speaker, wake, 5)
        alsa.held_up = 3 * NO_PROGRESS
        play(speaker, wake, 5)
        assert speaker.underruns == 1

    def test_an_underrun_that_alsa_finds_while_writing_is_counted_and_the_period_is_not_lost(self, card, speaker, wake):
        play(speaker, wake, 2)
        card.failing["write"] = [errno.EPIPE]
        assert speaker.write(PERIOD) is True
        assert 0 < speaker.queued() <= PERIOD_SAMPLES
        assert speaker.underruns == 1

    @pytest.mark.parametrize("code", [errno.EIO, errno.ENODEV, errno.EPIPE])
    def test_a_microphone_that_only_fails_is_gone(self, card, alsa, microphone, code):
        microphone.read()
        card.failing["read"] = code
        with pytest.raises(DeviceMissing, match="microphone usb: "):
            listen(microphone, 5)

    @pytest.mark.parametrize("code", [errno.EIO, errno.ENODEV, errno.EPIPE])
    def test_a_speaker_that_only_fails_is_gone(self, card, alsa, speaker, wake, code):
        play(speaker, wake, 5)
        card.failing["write"] = code
        with pytest.raises(DeviceMissing, match="speaker usb: "):
            play(speaker, wake, 5)

    def test_a_microphone_that_has_nothing_to_read_for_ever_is_gone_within_a_second(self, card, alsa, microphone):
        listen(microphone, 10)
        card.failing["read"] = errno.EAGAIN
        assert is_soon_gone(alsa, microphone.read)

    def test_a_microphone_that_says_nothing_any_more_is_gone_within_a_second(self, card, alsa, microphone):
        listen(microphone, 10)
        card.stops_at = alsa.now
        assert is_soon_gone(alsa, microphone.read)

    def test_a_microphone_that_is_silent_for_a_moment_gives_nothing_and_then_goes_on(self, card, alsa, microphone):
        listen(microphone, 10)
        card.failing["read"] = errno.EAGAIN
        assert microphone.read().shape == (0,)
        del card.failing["read"]
        assert len(listen(microphone, 5)) == 5 * PERIOD_SAMPLES

    @pytest.mark.parametrize("says_ready", [True, False])
    def test_a_speaker_that_plays_nothing_more_is_gone_within_a_second(self, card, alsa, speaker, wake, says_ready):
        play(speaker, wake, 10)
        card.stops_at, card.says_ready = alsa.now, says_ready

        def write_if_there_is_room():
            if speaker.wait(wake):
                speaker.write(PERIOD)

        assert is_soon_gone(alsa, write_if_there_is_room)

    def test_a_speaker_that_takes_nothing_is_gone_within_a_second(self, card, alsa, speaker, wake):
        play(speaker, wake, 10)
        card.failing["write"] = errno.EAGAIN
        began = alsa.now
        with pytest.raises(DeviceMissing, match="no progress"):
            speaker.write(PERIOD)
        assert alsa.now - began <= NO_PROGRESS + 0.02

    def test_a_speaker_that_is_pulled_out_is_gone_whatever_is_asked_of_it(self, card, speaker, wake):
        play(speaker, wake, 10)
        card.failing["every"] = errno.ENODEV
        for ask in (lambda: speaker.wait(wake), lambda: speaker.write(PERIOD), speaker.queued, speaker.drop):
            with pytest.raises(DeviceMissing, match="No such device"):
                ask()
        speaker.close()
        assert not card.is_held

    def test_a_microphone_that_is_pulled_out_is_gone_and_can_be_closed(self, card, microphone):
        microphone.read()
        card.failing["every"] = errno.ENODEV
        assert microphone.waiting() < PERIOD_SAMPLES
        with pytest.raises(DeviceMissing, match="No such device"):
            listen(microphone, 2)
        microphone.close()
        assert not card.is_held
