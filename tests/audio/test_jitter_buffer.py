from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.audio.concealment import CONCEALED_SAMPLES, JOIN_SAMPLES
from agent.audio.jitter_buffer import CAP_SAMPLES, JitterBuffer
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, SAMPLES_PER_MS, Chunk, EndOfReply, Part, Turn

TURN = Turn(1)


def ms(count):
    return count * SAMPLES_PER_MS


def voice(samples, hz=200):
    return (8000 * np.sin(2 * np.pi * hz * np.arange(samples) / SAMPLE_RATE_HZ)).astype(np.int16)


def hiss(samples):
    return np.random.default_rng(1).integers(-9000, 9000, samples).astype(np.int16)


def part(name="r"):
    return Part(name, f"item of {name}", 0)


def chunk(pcm, at=0.0, name="r", turn=TURN):
    return Chunk(turn, part(name), pcm, at)


def end(name="r", turn=TURN):
    return EndOfReply(turn, name)


class Listener:
    """Pulls a period every 10 ms and keeps all of it."""

    def __init__(self, card_queued=0):
        self.buffer, self.card_queued = JitterBuffer(), card_queued
        self.blocks = []

    @property
    def at(self):
        return len(self.blocks) * 0.01

    def push(self, pcm, name="r", turn=TURN):
        self.buffer.push(chunk(pcm, self.at, name, turn))

    def end(self, name="r", turn=TURN):
        self.buffer.end(end(name, turn))

    def listen(self, milliseconds):
        new = [self.buffer.pull(PERIOD_SAMPLES, self.at, self.card_queued) for _ in range(milliseconds // 10)]
        self.blocks += new
        return np.concatenate([block.pcm for block in new])

    def run_dry(self):
        """Listen until a gap is being bridged."""
        before = self.buffer.concealed_samples
        while self.buffer.concealed_samples == before:
            self.listen(10)

    def content(self):
        """Everything that was played of the replies' own samples."""
        found = [b.pcm[s.start : s.start + s.length] for b in self.blocks for s in b.spans if s.is_content]
        return np.concatenate(found)

    def filled(self):
        return sum(s.length for b in self.blocks for s in b.spans if not s.is_content)

    def steepest(self):
        return int(np.abs(np.diff(np.concatenate([b.pcm for b in self.blocks]).astype(int))).max())


def test_a_reply_starts_with_its_first_chunk_and_fades_in():
    listener = Listener()
    listener.push(hiss(ms(100)))
    heard = listener.listen(10)
    assert listener.blocks[0].begun == (TURN,)
    assert abs(int(heard[0])) < 100
    assert np.array_equal(heard[JOIN_SAMPLES:], hiss(ms(100))[JOIN_SAMPLES:PERIOD_SAMPLES])


def test_less_than_20_ms_wait_for_more_or_for_the_end():
    for finish in (lambda listener: listener.push(voice(ms(10))), lambda listener: listener.end()):
        listener = Listener()
        listener.push(voice(ms(19)))
        assert not listener.listen(50).any()
        finish(listener)
        assert listener.listen(10).any()


@settings(max_examples=15, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=6),
    pulls=st.lists(st.integers(1, 700), min_size=1, max_size=6),
)
def test_however_it_is_cut_up_a_reply_is_played_whole_once_and_in_order(sizes, pulls):
    sound, listener, at = hiss(sum(sizes)), Listener(), 0
    for size in sizes:
        listener.push(sound[at : at + size])
        at += size
    listener.end()
    while not any(block.over for block in listener.blocks):
        samples = pulls[len(listener.blocks) % len(pulls)]
        block = listener.buffer.pull(samples, 0.0, 0)
        assert len(block.pcm) == samples
        listener.blocks.append(block)
    played = sum((s.length for b in listener.blocks for s in b.spans), 0)
    assert played == len(sound)
    if len(sound) > JOIN_SAMPLES:
        assert np.array_equal(listener.content()[JOIN_SAMPLES:], sound[JOIN_SAMPLES:])


def test_the_end_of_a_reply_dies_away_without_taking_any_of_it():
    listener = Listener()
    listener.push(voice(ms(103)))
    listener.end()
    heard = listener.listen(200)
    assert listener.blocks[10].over == (end(),)
    assert listener.steepest() <= 1.1 * np.abs(np.diff(voice(2000).astype(int))).max()
    assert heard[ms(103)] != 0
    assert not heard[ms(103) + JOIN_SAMPLES :].any()
    assert listener.filled() == 0


def test_while_the_cushion_is_thin_a_voice_is_played_up_to_a_fifth_slower():
    listener = Listener()
    for _ in range(10):
        listener.push(voice(ms(100)))
        listener.listen(100)
    assert listener.buffer.stalls == 0
    assert 0.05 < listener.filled() / ms(1000) <= 0.25
    assert listener.buffer.stretched_samples > 0
    assert listener.steepest() <= 1.2 * np.abs(np.diff(voice(2000).astype(int))).max()


@pytest.mark.parametrize("why", ["deep", "ended", "card is full", "another waits", "consonants"])
def test_a_reply_is_not_stretched_when_it_needs_not_or_can_not(why):
    listener = Listener(card_queued=ms(500) if why == "card is full" else 0)
    listener.push(hiss(ms(200)) if why == "consonants" else voice(ms(700 if why == "deep" else 200)))
    if why == "ended":
        listener.end()
    if why == "another waits":
        listener.push(voice(ms(100)), name="next")
    listener.listen(150)
    assert listener.buffer.stretched_samples == 0


def test_a_short_gap_is_bridged_and_the_voice_comes_back_without_a_click():
    listener = Listener()
    listener.push(voice(ms(95)))
    listener.run_dry()
    listener.listen(20)
    listener.push(voice(ms(400))[ms(97) :])
    listener.end()
    listener.listen(500)
    assert listener.buffer.stalls == 0
    assert ms(20) < listener.buffer.concealed_samples <= ms(30)
    assert listener.steepest() <= 1.6 * np.abs(np.diff(voice(2000).astype(int))).max()
    assert len(listener.content()) == ms(398)


def test_a_long_gap_is_silence_after_60_ms_and_counts_as_a_stall():
    listener = Listener()
    listener.push(hiss(ms(50)))
    heard = listener.listen(200)
    assert heard[ms(50) : ms(60)].any()
    assert not heard[ms(50) + CONCEALED_SAMPLES :].any()
    listener.push(hiss(ms(200)))
    heard = listener.listen(10)
    assert abs(int(heard[0])) < 100
    assert (listener.buffer.stalls, listener.buffer.stalled_samples) == (1, ms(90))


def test_every_further_stall_of_a_reply_waits_for_a_deeper_cushion():
    listener, waited = Listener(), []
    listener.push(hiss(ms(100)))
    for _ in range(8):
        listener.listen(1500)
        while not listener.listen(10).any():
            listener.push(hiss(ms(10)))
        waited.append(listener.buffer.depth + ms(10))
    assert waited[0] == ms(10)
    assert waited[1] == pytest.approx(ms(100), abs=ms(10))
    assert all(b >= a for a, b in pairwise(waited))
    assert waited[-2:] == [ms(1000), ms(1000)]


def test_the_end_is_played_at_once_even_if_more_was_waited_for():
    listener = Listener()
    for _ in range(3):
        listener.push(hiss(ms(100)))
        listener.listen(400)
    listener.push(hiss(ms(30)))
    assert not listener.listen(100).any()
    listener.end()
    assert listener.listen(10).any()
    listener.listen(50)
    assert any(block.over for block in listener.blocks)


def test_an_end_that_comes_in_a_gap_lets_the_bridge_die_away():
    for gap in (10, 20, 50, 300):
        listener = Listener()
        listener.push(voice(ms(100)))
        listener.run_dry()
        listener.listen(gap)
        listener.end()
        heard = listener.listen(50)
        assert listener.blocks[-5].over == (end(),)
        assert not heard[JOIN_SAMPLES:].any()
        assert listener.steepest() <= 1.1 * np.abs(np.diff(voice(2000).astype(int))).max()


def test_replies_are_played_one_after_the_other_even_if_one_never_ends():
    listener = Listener()
    listener.push(hiss(ms(50)), name="first")
    listener.push(hiss(ms(50)), name="second", turn=Turn(2))
    listener.end("second", Turn(2))
    listener.listen(200)
    assert [turn for b in listener.blocks for turn in b.begun] == [TURN, Turn(2)]
    assert [gone for b in listener.blocks for gone in b.over] == [end("first"), end("second", Turn(2))]
    assert len(listener.content()) == ms(100)


def test_a_response_without_sound_is_over_at_once():
    listener = Listener()
    listener.push(voice(0))
    listener.end()
    assert not listener.listen(10).any()
    assert listener.blocks[0].over == (end(),)
    assert listener.blocks[0].begun == ()


def test_clearing_forgets_the_sound_and_keeps_what_was_learnt():
    listener = Listener()
    for k in range(30):
        listener.buffer.push(chunk(hiss(ms(100)), k * 0.1 + (0.3 if k % 5 == 4 else 0)))
    learnt = listener.buffer.usual_lateness
    listener.listen(50)
    listener.buffer.clear()
    assert listener.buffer.depth == 0
    assert not listener.listen(100).any()
    assert listener.buffer.usual_lateness == learnt > 0.2


def test_beyond_300_seconds_the_rest_of_a_reply_is_refused():
    listener = Listener()
    listener.push(np.zeros(CAP_SAMPLES - 10, np.int16))
    listener.push(np.ones(11, np.int16))
    listener.push(np.ones(5, np.int16))
    assert listener.buffer.depth == CAP_SAMPLES - 10
    assert listener.buffer.refused_samples == 16
