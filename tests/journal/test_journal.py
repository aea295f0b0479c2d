"""The journal: a day fits on a screen, a secret never does."""

import io

import pytest

from agent.journal import Journal, Line, Priority, to_stream
from tests.journal.samples import DOWN, HEARD, UP, Paper, health


def test_a_turn_is_one_line_with_its_numbers():
    steps = [("gate", {"open": False, "turn": 7}), ("sound", {"turn": 7}), ("heard", {"turn": 7})]
    paper = Paper(Priority.INFO).note(*steps, ("turn", HEARD.as_facts()))
    ((message, fields),) = paper.lines
    assert message == "turn 7: first sound 640 ms after release, heard to the end"
    assert fields["MESSAGE_ID"] == Line.TURN.message_id
    numbers = ("AGENT_RELEASE_TO_SOUND_MS", "AGENT_START_DELAY_MS", "AGENT_STALLS", "AGENT_ROUND_TRIP_MS")
    assert [fields[name] for name in numbers] == ["640", "5", "0", "48"]


def test_what_nobody_asked_for_is_not_written():
    notes = [("prompt", {"name": "later"}), ("scene", {"name": "ready"}), ("dropped", {"turn": 1, "ms": 900}), health()]
    assert Paper(Priority.WARNING).note(*notes).events == ["dropped"]


def test_a_token_is_masked_in_message_and_fields():
    paper = Paper().note(("link", {**DOWN[1], "why": "closed after rct_0123456789abcdef_secretsecret"}))
    assert "secret" not in repr(paper.lines)
    assert "rct_********" in paper.messages[0]


def test_a_link_that_flaps_all_day_is_a_handful_of_lines_and_the_truth_at_the_end():
    paper = Paper(Priority.INFO)
    for minute in range(24 * 60):
        paper.note(DOWN, UP, every=20.0).note(health(), every=20.0)
        assert minute < 60 or len(paper.lines) < 200
    paper.now += 3600
    paper.note(health())
    assert len(paper.lines) < 140
    told = sum(1 + int(fields.get("AGENT_WITHHELD", 0)) for _, fields in paper.lines)
    assert told == 2 * 24 * 60
    assert paper.events[-1] == "link_up"


def test_a_moment_that_is_told_counts():
    paper = Paper()
    paper.journal.note("link", at=5.0, **DOWN[1])
    paper.now = 9.0
    paper.journal.note("link", **UP[1])
    assert paper.messages[-1] == "link up after 4 s and 1 try"


def test_a_journal_that_can_not_be_written_is_no_reason_to_stop():
    def full(message, fields):
        raise OSError(28, "No space left on device")

    Journal(full, lambda: 0.0).say(Line.STARTED, Priority.INFO, "started")


def test_a_bug_is_not_swallowed():
    with pytest.raises(KeyError):
        Paper().note(("turn", {"turn": 1}))


def test_without_systemd_lines_carry_their_priority():
    stream = io.StringIO()
    Journal(to_stream(stream), lambda: 0.0).note("dropped", turn=1, ms=900)
    assert stream.getvalue() == "<4>dropped 900 ms of speech: nobody to send it to\n"
