"""A child talks with the tutor, and interrupts it."""

import wave

import numpy as np

from agent.journal.lines import Line
from hw_tests.virtual_pi.places import REPOSITORY


def speech():
    with wave.open(str(REPOSITORY / "agent/speech/en-short.wav")) as recording:
        return np.frombuffer(recording.readframes(recording.getnframes()), "<i2").astype(float)


def likeness(a, b):
    """The greatest correlation of two sounds, however they are shifted: 1 for the same."""
    size = 1 << (len(a) + len(b)).bit_length()
    across = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    return np.max(np.abs(across)) / np.sqrt(np.sum(a**2) * np.sum(b**2))


def test_a_press_ends_the_reply_and_the_next_one_follows(there, measured):
    mark, begin = there.journal.mark(), there.played()
    there.relay.tutor.seconds = 12.0
    first = there.ask()
    there.until_sounds(first, begin)

    pressed = there.played()
    second = there.ask()
    told = there.journal.until(Line.TURN, mark, end="interrupted")
    there.journal.until(Line.TURN, mark, end="heard")

    assert there.heard(begin).order() == [first, second]
    went_on_ms = there.heard(pressed).ms(first)
    measured("ms after the press, in the WAV", went_on_ms)
    measured("ms of its own account", told["AGENT_PRESS_TO_SILENCE_MS"])
    assert went_on_ms <= 500
    assert there.heard(begin).ms(second) >= 0.9 * 12_000
    there.teaches()


def test_what_is_said_into_the_microphone_is_what_the_tutor_hears(there):
    there.teaches()
    spoken = speech()
    heard = np.frombuffer(there.relay.tutor.heard[-1], "<i2").astype(float)
    assert likeness(spoken, heard) > 0.5
