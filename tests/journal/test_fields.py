"""Fields: names that journald takes and we know, values without secrets."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agent.health.record import (
    BoardHealth,
    HealthRecord,
    LinkHealth,
    Now,
    Spread,
    TurnNumbers,
    TurnsHealth,
)
from agent.journal.fields import KNOWN, LONGEST, LONGEST_TRACEBACK, fields, one_line
from agent.journal.lines import Line, Priority

TOKEN = "rct_0123456789abcdef_S3cr3tS3cr3tS3cr3t"
TURN = TurnNumbers(1, "heard", 640, 6, 5, 1, 40, 20, 0, 0, 48)
RECORD = HealthRecord(
    version="1.0",
    up_s=61.0,
    now=Now("ready", "ready", 1, 0.0, 0.0, 0),
    link=LinkHealth(True, 60.0, "", 0, 48),
    turns=TurnsHealth(1, 0, 0, 0, Spread(640, 640), Spread(6, 6), (TURN,)),
    board=BoardHealth(51.0, False, 44.0, 600, 9000, True, False, False),
    missing=("speaker",),
    score=40,
    reasons=("missing: speaker",),
)


def of(**facts):
    return fields(Line.TURN, Priority.INFO, facts)


def test_a_line_tells_its_kind_its_level_and_whose_it_is():
    assert of() == {
        "MESSAGE_ID": Line.TURN.message_id,
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "reading-corner",
        "AGENT_EVENT": "turn",
    }


def test_numbers_are_decimal_and_what_is_not_known_is_left_out():
    told = of(turn=3, lasted_s=12.3456, up_s=60.0, found=True, open=False, round_trip_ms=None)
    assert {name: value for name, value in told.items() if name in {f"AGENT_{fact.upper()}" for fact in KNOWN}} == {
        "AGENT_TURN": "3",
        "AGENT_LASTED_S": "12.346",
        "AGENT_UP_S": "60",
        "AGENT_FOUND": "true",
        "AGENT_OPEN": "false",
    }


def test_a_fact_that_nobody_reviewed_is_not_written():
    assert of(transcript="Hola", student_id="1234", token=TOKEN, args=("x",), code_args="x") == of()


def test_every_number_of_a_turn_and_of_the_health_record_may_be_written():
    assert set(TURN.as_facts()) <= KNOWN
    assert set(RECORD.as_facts()) <= KNOWN
    assert set(replace(RECORD, missing=(), reasons=()).as_facts()) <= KNOWN


def test_no_value_is_longer_than_a_line_but_a_traceback():
    told = of(why="w" * 9999, traceback="first\nsecond\n" + "t" * 9999)
    assert len(told["AGENT_WHY"]) == LONGEST
    assert len(told["AGENT_TRACEBACK"]) == LONGEST_TRACEBACK
    assert told["AGENT_TRACEBACK"].startswith("first\nsecond\n")


def test_a_line_is_one_line_and_moves_no_cursor():
    assert one_line("a\nb\x1b[2Jc\u202ed") == "a b [2Jc d"


NAMES = st.one_of(st.sampled_from(sorted(KNOWN)), st.text(min_size=1, max_size=80))
AROUND = st.text(max_size=20)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    AROUND,
    st.builds(lambda before, after: before + TOKEN + after, AROUND, AROUND),
)


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.builds(lambda text: TOKEN + text, AROUND))
def test_whatever_is_told_journald_takes_it_and_no_token_is_in_it(facts, message):
    told = fields(Line.LIBRARY, Priority.WARNING, facts)
    allowed = {f"AGENT_{name.upper()}" for name in KNOWN} | set(of())
    assert set(told) <= allowed
    assert all(re.fullmatch("[A-Z0-9][A-Z0-9_]{0,63}", name) for name in told)
    assert "S3cr3t" not in repr(told)
    assert "S3cr3t" not in one_line(message)
