import pytest

from agent.audio.lateness import AT_FIRST, Lateness
from agent.units import SAMPLE_RATE_HZ

CHUNK = SAMPLE_RATE_HZ // 10


def reply(lateness, late, at=10.0, chunks=100):
    """A paced source: a chunk of 100 ms every 100 ms, each fifth one so much later."""
    lateness.begin(at)
    for k in range(chunks):
        lateness.arrived(at + k * 0.1 + (late if k % 5 == 4 else 0), CHUNK)
    return lateness


def test_before_anything_is_known_concealment_is_thought_to_be_enough():
    assert Lateness().usual == AT_FIRST


@pytest.mark.parametrize(("late", "usual"), [(0.0, 0.02), (0.07, 0.08), (0.25, 0.26)])
def test_the_usual_lateness_is_the_upper_edge_of_what_comes_again_and_again(late, usual):
    assert reply(Lateness(), late, chunks=400).usual == pytest.approx(usual)


def test_lateness_beyond_a_second_counts_as_a_second():
    assert reply(Lateness(), 3.0, chunks=400).usual == pytest.approx(1.0)


def test_a_source_faster_than_speech_is_never_late():
    lateness = Lateness()
    lateness.begin(5.0)
    for k in range(400):
        lateness.arrived(5.0 + k * 0.02, CHUNK)
    assert lateness.usual == pytest.approx(0.02)


def test_what_was_learnt_outlives_the_reply():
    lateness = reply(Lateness(), 0.25)
    learnt = lateness.usual
    lateness.begin(99.0)
    lateness.arrived(99.0, CHUNK)
    assert lateness.usual == learnt


def test_the_margin_is_how_far_the_playout_lags_behind_the_earliest_chunk():
    lateness = Lateness()
    lateness.begin(1.0)
    lateness.arrived(1.0, CHUNK)
    lateness.arrived(1.05, CHUNK)
    assert lateness.margin(1.25, played=0) == pytest.approx(0.3)
    assert lateness.margin(1.25, played=2 * CHUNK) == pytest.approx(0.1)
