from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from agent.health.record import BoardHealth, LinkHealth, Spread, TurnsHealth
from agent.status.view import page, screen, sentence
from tests.status.corner import LAST, RECORD

FRESH = replace(
    RECORD,
    link=LinkHealth(False, 12.0, "no such host", 0, None),
    turns=TurnsHealth(0, 0, 0, 0, Spread(None, None), Spread(None, None), ()),
    board=BoardHealth(None, None, None, None, None, None, None),
    missing=("microphone", "speaker"),
    score=40,
    reasons=(),
)
"""An agent of which little is known yet, and nothing good."""


def text(picture, width=80, **settings):
    paper = Console(file=StringIO(), width=width, **settings)
    paper.print(picture)
    return paper.file.getvalue()


def row(picture, name):
    return next(line for line in text(picture).splitlines() if line.startswith(name)).removeprefix(name).strip()


def test_a_sentence_comes_first():
    assert sentence(RECORD) == "ready; link up for 3 h 12 min; health 96"
    told = "ready; link down for 12 s (no such host); health 40; microphone missing; speaker missing"
    assert sentence(FRESH) == told
    assert text(page(RECORD)).startswith(sentence(RECORD))


def test_a_page_tells_everything_in_numbers():
    assert row(page(RECORD), "link") == "up for 3 h 12 min; 2 reconnects; round trip 41 ms"
    assert row(page(RECORD), "turns") == "116 heard, 4 interrupted, 1 unanswered, 0 dropped"
    assert row(page(RECORD), "release to sound") == "p50 820 ms, p95 1400 ms"
    assert row(page(RECORD), "press to silence") == "p50 6 ms, p95 9 ms (budget p95 10 ms)"
    assert row(page(RECORD), "start delay") == "p50 20 ms, p95 29 ms (budget p95 30 ms)"
    assert row(page(RECORD), "audio") == "20 stalls (1600 ms), 400 ms concealed, 60 xruns in 20 turns"
    assert row(page(RECORD), "board") == "51.2 °C, supply well, clock set"
    assert row(page(RECORD), "•") == "two stalls in the last hour"
    assert " ".join(row(page(RECORD), "20 ").split()) == "heard 720 ms - 30 ms 80 ms 20 ms 3 41 ms"


def test_what_is_not_known_is_left_out():
    assert row(page(FRESH), "press to silence") == "p50 -, p95 - (budget p95 10 ms)"
    assert row(page(FRESH), "board") == row(page(FRESH), "room") == "-"
    assert "None" not in text(page(FRESH)) + text(screen(FRESH, 24))


def test_trouble_of_the_board_is_told():
    ill = BoardHealth(80.0, True, 43.1, 412, 9000, False, True, disk_read_only=True)
    assert row(page(replace(RECORD, board=ill)), "board") == (
        "80.0 °C, supply too weak, clock not set, Wi-Fi saves power"
    )
    assert "read-only" in row(page(replace(RECORD, board=ill)), "room")


@pytest.mark.parametrize(("p95", "colour"), [(10, "\x1b[2m"), (11, "\x1b[1;31m")])
def test_what_is_over_its_budget_stands_out(p95, colour):
    record = replace(RECORD, turns=replace(RECORD.turns, press_to_silence=Spread(6, p95)))
    assert f"{colour} (budget p95 10 ms)" in text(page(record), force_terminal=True, color_system="standard")


@pytest.mark.parametrize(("score", "colour"), [(90, "32"), (70, "33"), (69, "31")])
def test_a_score_has_a_colour(score, colour):
    drawn = text(page(replace(RECORD, score=score)), force_terminal=True, color_system="standard")
    assert drawn.startswith(f"\x1b[1;{colour}m")


def test_meters_move_and_never_burst():
    loud = replace(RECORD, now=replace(RECORD.now, student_level=9.0, tutor_level=-1.0, depth_ms=250))
    assert row(screen(loud, 24), "student") == "█" * 20
    assert row(screen(loud, 24), "tutor") == "·" * 20
    assert row(screen(loud, 24), "buffer") == "█" * 10 + "·" * 10 + " 250 ms"


@given(st.integers(20, 60), st.integers(0, 20), st.lists(st.text(max_size=200), max_size=9), st.text(max_size=200))
def test_a_screen_never_has_more_lines_than_the_terminal(height, turns, reasons, why):
    printable = [" ".join(reason.split()) for reason in reasons]
    link = LinkHealth(False, 1.0, " ".join(why.split()), 0, None)
    record = replace(RECORD, link=link, turns=replace(RECORD.turns, last=LAST[:turns]), reasons=tuple(printable))
    lines = text(screen(record, height, trouble="x" * 200)).splitlines()
    assert len(lines) <= height
    assert lines[-1].startswith("q ends")


def test_a_screen_of_80_by_24_shows_reasons_and_the_last_turns():
    lines = text(screen(replace(RECORD, reasons=("a", "b", "c", "d")), 24)).splitlines()
    assert len(lines) == 24
    assert [line.split()[0] for line in lines[-4:-1]] == ["18", "19", "20"]


def test_a_small_screen_shows_what_moves():
    assert "tutor" in text(screen(RECORD, 8))


def test_a_record_that_is_old_says_why_there_is_no_newer_one():
    assert "trying again" in text(screen(RECORD, 24, "trying again: the agent hung up"))
