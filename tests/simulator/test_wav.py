import struct
import wave
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadInput
from agent.simulator.wav import WavWriter, read_wav
from agent.units import SAMPLE_RATE_HZ


def tone(rate, seconds=0.5, hz=440, peak=8000):
    return (peak * np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate)).astype("<i2")


def wav_file(path, samples, rate=SAMPLE_RATE_HZ, channels=1, width=2):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def riff(format_tag, bits, data=b"\0" * 64):
    block = bits // 8
    fmt = struct.pack("<HHIIHH", format_tag, 1, SAMPLE_RATE_HZ, SAMPLE_RATE_HZ * block, block, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_24_khz_mono_comes_back_sample_by_sample(tmp_path):
    assert read_wav(wav_file(tmp_path / "a.wav", tone(SAMPLE_RATE_HZ))).tolist() == tone(SAMPLE_RATE_HZ).tolist()


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000])
def test_other_rates_become_24_khz_at_the_same_pitch_and_length(tmp_path, rate):
    speech = read_wav(wav_file(tmp_path / "a.wav", tone(rate), rate))
    assert speech.dtype == np.int16
    assert len(speech) == pytest.approx(SAMPLE_RATE_HZ / 2, abs=2)
    middle, wanted = speech[2000:10000].astype(int), tone(SAMPLE_RATE_HZ)[2000:10000].astype(int)
    assert np.abs(middle - wanted).max() < 80


def test_both_sides_of_stereo_are_heard(tmp_path):
    stereo = np.stack((np.full(100, 1000), np.full(100, -3000)), axis=1).astype("<i2")
    assert set(read_wav(wav_file(tmp_path / "a.wav", stereo, channels=2)).tolist()) == {-1000}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty or cut-off file"),
        (b"RIFF", "an empty or cut-off file"),
        (b"ID3 this is an mp3 in truth, whatever its name", "another kind of file"),
        (riff(1, 8), "8-bit samples"),
        (riff(1, 24), "24-bit samples"),
        (riff(3, 32), "another kind of file (unknown format: 3)"),
        (riff(1, 16, data=b""), "no samples"),
    ],
)
def test_what_is_not_16_bit_speech_is_refused_in_one_line_that_says_what_it_is(tmp_path, content, found):
    path = tmp_path / "speech.wav"
    path.write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        read_wav(path)
    assert str(refusal.value).startswith(f"{path}: found {found}")
    assert str(refusal.value).endswith("expected a WAV file of 16-bit PCM, mono or stereo, 8000 to 48000 Hz")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("rate", "channels", "found"), [(7_999, 1, "7999 Hz"), (96_000, 1, "96000 Hz"), (24_000, 3, "3 ")]
)
def test_absurd_rates_and_too_many_channels_are_refused(tmp_path, rate, channels, found):
    path = wav_file(tmp_path / "a.wav", np.zeros(30, "<i2"), rate, channels)
    with pytest.raises(BadInput, match=f"found {found}"):
        read_wav(path)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    with pytest.raises(BadInput, match=r"missing.wav: found no such file"):
        read_wav(tmp_path / "missing.wav")
    with pytest.raises(BadInput, match=r"found is a directory"):
        read_wav(tmp_path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    with pytest.raises(BadInput, match=r"loop.wav: found too many levels"):
        read_wav(tmp_path / "loop.wav")


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 300), flips=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=4))
def test_a_damaged_file_is_speech_or_refused_and_nothing_else(cut, flips):
    content = bytearray(riff(1, 16, data=bytes(range(256)))[:cut])
    for place, value in flips:
        if place < len(content):
            content[place] = value
    with TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.wav"
        path.write_bytes(content)
        with suppress(BadInput):
            assert len(read_wav(path)) > 0


def test_what_is_written_in_pieces_is_read_back_whole(tmp_path):
    with WavWriter(tmp_path / "out.wav") as out:
        for piece in np.split(tone(SAMPLE_RATE_HZ), 50):
            out.write(piece)
        out.close()
    assert read_wav(tmp_path / "out.wav").tolist() == tone(SAMPLE_RATE_HZ).tolist()


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(BadInput, match="expected a place for a WAV file"):
        WavWriter(tmp_path / "no such folder" / "out.wav")
