"""What takes points off, what does not, and that all of it can be printed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.health.score import SCALE, judge
from agent.health.tally import Recent
from tests.health.well import EVIDENCE, LINK, TURN, TURNS, board, nothing_known


def turns(*bad, of=20):
    return Recent((*bad, *(TURN,) * (of - len(bad))), losses=0, dropped=0)


def with_turn(**numbers):
    return replace(TURN, **numbers)


ILL = {
    "the link is down": {"link": replace(LINK, up=False, since_s=9.0, why="no connection (gaierror)")},
    "missing": {"missing": ("microphone", "ring")},
    "lost 3 times": {"recent": Recent(TURNS, losses=3, dropped=0)},
    "not answered": {"recent": turns(*(with_turn(end="unanswered"),) * 5)},
    "read-only": {"board": board(disk_read_only=True)},
    "speech was dropped": {"recent": Recent(TURNS, losses=0, dropped=1)},
    "under-voltage": {"board": board(undervoltage=True)},
    "slowed down": {"board": board(temperature_c=80.0)},
    "answers begin": {"recent": turns(*(with_turn(release_to_sound_ms=4001),) * 11)},
    "a press silences": {"recent": turns(*(with_turn(press_to_silence_ms=31),) * 2)},
    "holes": {"recent": turns(*(with_turn(stalls=1, stalled_ms=200),) * 6)},
    "underruns": {"recent": turns(with_turn(underruns=5, overruns=2))},
    "of memory left": {"board": board(free_memory_mb=99)},
    "the agent takes": {"board": board(own_memory_mb=120.0)},
    "of disk left": {"board": board(free_disk_mb=499)},
    "not synchronised": {"board": board(clock_synchronised=False)},
    "Wi-Fi saves power": {"board": board(wifi_power_save=True)},
    "replies wait": {"recent": turns(*(with_turn(start_delay_ms=31),) * 11)},
}


def test_a_corner_that_is_well_has_a_hundred_points_and_no_reasons():
    assert judge(EVIDENCE) == (100, ())


@pytest.mark.parametrize(("word", "what"), ILL.items())
def test_everything_on_the_scale_takes_its_points_off_and_says_why(word, what):
    score, (reason,) = judge(replace(EVIDENCE, **what))
    assert word in reason
    assert score == 100 - list(SCALE)[list(ILL).index(word)].points


def test_the_scale_has_no_other_entries_and_is_in_order():
    assert len(SCALE) == len(ILL)
    assert [one.points for one in SCALE] == sorted((one.points for one in SCALE), reverse=True)


ALMOST = [
    {"link": replace(LINK, up=False, since_s=8.0, why="cut")},
    {"recent": Recent(TURNS, losses=2, dropped=0)},
    {"recent": turns(*(with_turn(end="unanswered"),) * 4)},
    {"recent": turns(*(with_turn(release_to_sound_ms=9000, start_delay_ms=900),) * 9)},
    {"recent": turns(with_turn(press_to_silence_ms=300))},
    {"recent": turns(*(with_turn(stalls=1),) * 5)},
    {"recent": turns(with_turn(underruns=6))},
    {"recent": turns(*(with_turn(end="unanswered", release_to_sound_ms=9000, stalls=2),) * 4, of=4)},
    {"recent": turns(of=0)},
    {"board": board(temperature_c=79.9, free_memory_mb=100, own_memory_mb=119.9, free_disk_mb=500)},
    {"board": nothing_known()},
]


@pytest.mark.parametrize("what", ALMOST)
def test_what_is_within_its_limit_or_unknown_costs_nothing(what):
    assert judge(replace(EVIDENCE, **what)) == (100, ())


def test_what_stops_teaching_costs_more_than_half_and_nothing_else_does_by_itself():
    assert [one.points > 50 for one in SCALE] == [True, True] + [False] * (len(SCALE) - 2)


@given(st.sets(st.sampled_from(sorted(ILL))))
def test_whatever_comes_together_stays_on_the_scale(words):
    ill = EVIDENCE
    for word in words:
        both = {
            name: replace(ill.board, **_changed(what)) if name == "board" else what for name, what in ILL[word].items()
        }
        ill = replace(ill, **both)
    score, reasons = judge(ill)
    assert 0 <= score <= 100
    assert (score == 100) == (not reasons)


def _changed(ill):
    well = EVIDENCE.board
    names = well.__dataclass_fields__
    return {name: getattr(ill, name) for name in names if getattr(ill, name) != getattr(well, name)}
