import numpy as np
import pytest

from agent.audio.rate import from_card, to_card

AGENT_HZ = 24_000
CARD_RATES = [8_000, 16_000, 24_000, 44_100, 48_000]
WAYS = [pytest.param(to_card, AGENT_HZ, rate, rate, id=f"to-{rate}") for rate in CARD_RATES] + [
    pytest.param(from_card, rate, AGENT_HZ, rate, id=f"from-{rate}") for rate in CARD_RATES
]


def tone(hz, rate_hz, seconds=0.3):
    """A sine at -6 dBFS."""
    return np.rint(16384 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.int16)


def noise(seconds, rate_hz):
    return np.random.default_rng(7).integers(-20000, 20000, round(seconds * rate_hz)).astype(np.int16)


def in_blocks(rate, pcm, sizes=(1, 240, 0, 7, 333, 2, 480)):
    """What comes out when the stream comes in blocks of these sizes, over and over."""
    out, at, turn = [], 0, 0
    while at < len(pcm):
        size = sizes[turn % len(sizes)]
        out.append(rate.process(pcm[at : at + size]))
        at, turn = at + size, turn + 1
    return np.concatenate(out)


def decibels(part, whole=8192.0):
    """The size of a spectral line, by default in dB of a tone at -6 dBFS."""
    return 20 * np.log10(max(part, 1e-9) / whole)


def spectrum(convert, hz, from_hz, to_hz, card_hz):
    """The lines, 5 Hz apart, of a tone after conversion and after the filter has filled."""
    window = to_hz // 5
    return np.abs(np.fft.rfft(convert(card_hz).process(tone(hz, from_hz))[-window:])) / window


@pytest.mark.parametrize(("convert", "from_hz", "to_hz", "card_hz"), WAYS)
def test_speech_up_to_10_khz_passes_as_it_is_and_alone(convert, from_hz, to_hz, card_hz):
    for hz in np.linspace(105, min(10_000, 0.42 * card_hz), 5) // 5 * 5:
        lines = spectrum(convert, hz, from_hz, to_hz, card_hz)
        assert abs(decibels(lines[int(hz / 5)])) < 0.5
        assert decibels(np.delete(lines, int(hz / 5)).max()) < -80


@pytest.mark.parametrize("card_hz", [44_100, 48_000])
def test_what_24_khz_can_not_hold_is_not_folded_into_speech(card_hz):
    for hz in np.linspace(14_000, 0.49 * card_hz, 6) // 5 * 5:
        assert decibels(spectrum(from_card, hz, card_hz, AGENT_HZ, card_hz).max()) < -80


@pytest.mark.parametrize(("convert", "from_hz", "to_hz", "card_hz"), WAYS)
def test_a_stream_in_blocks_of_any_size_is_the_stream_in_one_block(convert, from_hz, to_hz, card_hz):
    pcm = noise(0.25, from_hz)
    assert np.array_equal(in_blocks(convert(card_hz), pcm), convert(card_hz).process(pcm))


@pytest.mark.parametrize(("convert", "from_hz", "to_hz", "card_hz"), WAYS)
def test_every_10_ms_that_go_in_bring_10_ms_out_at_once(convert, from_hz, to_hz, card_hz):
    rate = convert(card_hz)
    assert {len(rate.process(block)) for block in noise(1.0, from_hz).reshape(100, -1)} == {to_hz // 100}


@pytest.mark.parametrize(("convert", "from_hz", "to_hz", "card_hz"), WAYS)
def test_a_sound_comes_out_as_late_as_stated(convert, from_hz, to_hz, card_hz):
    def moment(pcm, rate_hz):
        energy = pcm.astype(float) ** 2
        return (energy @ np.arange(len(pcm))) / energy.sum() / rate_hz

    puff = np.rint(16384 * np.exp(-((np.arange(from_hz // 5) / from_hz - 0.05) ** 2) / 0.001**2)).astype(np.int16)
    rate = convert(card_hz)
    assert moment(rate.process(puff), to_hz) - moment(puff, from_hz) == pytest.approx(rate.delay, abs=5e-6)


def test_only_rates_without_a_filter_of_ours_cost_more_than_2_ms():
    assert [hz for hz in CARD_RATES if to_card(hz).delay > 0.002 or from_card(hz).delay > 0.002] == [8000, 16000, 44100]


@pytest.mark.parametrize(("convert", "from_hz", "to_hz", "card_hz"), WAYS)
def test_the_loudest_input_saturates_and_never_wraps(convert, from_hz, to_hz, card_hz):
    square = np.where(tone(400, from_hz) >= 0, 32767, -32768).astype(np.int16)
    out = convert(card_hz).process(square)[to_hz // 10 :].astype(int)
    assert out.max() == 32767
    assert out.min() == -32768
    assert np.count_nonzero(np.diff(out >= 0)) == pytest.approx(2 * 400 * 0.2, abs=2)


@pytest.mark.parametrize(("convert", "from_hz", "to_hz", "card_hz"), WAYS)
def test_after_a_reset_nothing_of_the_old_stream_is_heard(convert, from_hz, to_hz, card_hz):
    used, pcm = convert(card_hz), noise(0.1, from_hz)
    used.process(noise(0.0601, from_hz))
    used.reset()
    assert not used.process(np.zeros(from_hz // 10, np.int16)).any()
    used.reset()
    assert np.array_equal(used.process(pcm), convert(card_hz).process(pcm))


@pytest.mark.parametrize("convert", [to_card, from_card])
@pytest.mark.parametrize("rate_hz", [-48_000, 0, 48, 4_800_000])
def test_a_rate_no_card_has_is_refused(convert, rate_hz):
    with pytest.raises(ValueError, match=f"not {rate_hz}"):
        convert(rate_hz)
