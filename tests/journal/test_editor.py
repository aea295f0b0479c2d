"""What is worth a line: first failures, recoveries, turns; repeats only for the patient."""

import pytest

from agent.journal.editor import Editor
from agent.journal.lines import Line, Priority
from tests.journal.samples import DOWN, STUCK, UP, board, device, health


def told(*notes, every=1.0):
    editor = Editor()
    return [entry for number, (kind, facts) in enumerate(notes) for entry in editor.told(kind, facts, number * every)]


def seen(entries):
    return [(entry.line, entry.priority) for entry in entries]


def down(kind, why="refused with HTTP 401"):
    return "link", {**DOWN[1], "failure": kind, "why": why}


def test_the_first_failure_warns_repeats_are_for_the_patient_and_recovery_tells_how_long():
    entries = told(DOWN, DOWN, DOWN, UP)
    assert seen(entries) == [
        (Line.LINK_LOST, Priority.WARNING),
        (Line.LINK_LOST, Priority.DEBUG),
        (Line.LINK_LOST, Priority.DEBUG),
        (Line.LINK_UP, Priority.INFO),
    ]
    assert entries[0].message == "link down, lost: cut, lived 31.0 s"
    assert entries[2].message == "link down, lost: cut, lived 31.0 s (for 2 s, 3 tries)"
    assert entries[3].message == "link up after 3 s and 3 tries"
    assert (entries[3].facts["lasted_s"], entries[3].facts["tries"]) == (3.0, 3)


def test_a_failure_that_asks_for_somebody_is_told_even_while_the_link_is_down():
    entries = told(down("name not found"), down("token refused"), down("name not found"), down("token refused"))
    assert seen(entries)[:2] == [(Line.NAME_NOT_FOUND, Priority.WARNING), (Line.TOKEN_REFUSED, Priority.ERROR)]
    assert {entry.priority for entry in entries[2:]} == {Priority.DEBUG}


def test_what_lasts_for_days_says_so_each_day():
    entries = told(*[down("unreachable", "no connection (TimeoutError)")] * 25, every=3600.0)
    reminder = entries[24]
    assert reminder.priority is Priority.WARNING
    assert reminder.message == "link down, unreachable: no connection (TimeoutError) (for 1 d, 25 tries)"


def test_a_close_that_was_planned_is_one_line_for_the_whole_change():
    entries = told(down("planned", "closed with 1012, lived 340.0 s"), UP)
    assert seen(entries) == [(Line.LINK_PLANNED, Priority.INFO), (Line.LINK_UP, Priority.DEBUG)]


def test_a_planned_close_after_which_nobody_answers_is_an_outage():
    entries = told(down("planned"), down("unreachable"), UP)
    assert seen(entries)[1:] == [(Line.UNREACHABLE, Priority.WARNING), (Line.LINK_UP, Priority.INFO)]


def test_the_first_connection_has_nothing_to_recover_from():
    assert [entry.message for entry in told(UP)] == ["link up"]


def test_a_link_that_is_down_without_a_kind_is_lost():
    bare = ("link", {"up": False, "why": "cut", "verdict": "retry"})
    assert told(bare)[0].line is Line.LINK_LOST


def test_a_device_that_is_lost_is_for_somebody_to_put_back_and_its_return_is_told():
    entries = told(device(found=False), device(found=False), device(found=True), device(found=True))
    assert seen(entries) == [
        (Line.DEVICE_LOST, Priority.ERROR),
        (Line.DEVICE_LOST, Priority.DEBUG),
        (Line.DEVICE_FOUND, Priority.INFO),
        (Line.DEVICE_FOUND, Priority.INFO),
    ]
    assert [entry.message for entry in entries[2:]] == [
        "speaker found: USB Audio, after 2 s",
        "speaker found: USB Audio",
    ]
    assert {entry.topic for entry in entries} == {"device speaker"}


def test_each_device_fails_for_itself():
    entries = told(device(found=False), device(found=False, which="microphone"))
    assert {entry.priority for entry in entries} == {Priority.ERROR}


def test_a_microphone_without_a_light_is_told_once_until_the_ring_is_back():
    dark = ("trouble", {"name": "no light, so no microphone"})
    entries = told(dark, dark, device(found=True, which="ring"), dark)
    levels = [entry.priority for entry in entries if entry.line is Line.NO_LIGHT]
    assert levels == [Priority.ERROR, Priority.DEBUG, Priority.ERROR]


def test_a_stuck_button_is_told_and_so_is_its_coming_up():
    up = ("button", {"down": False})
    entries = [entry for entry in told(STUCK, STUCK, up, up) if entry.line is not Line.STEP]
    assert seen(entries) == [
        (Line.BUTTON_STUCK, Priority.ERROR),
        (Line.BUTTON_STUCK, Priority.DEBUG),
        (Line.BUTTON_FREE, Priority.INFO),
    ]


def test_the_board_is_told_when_it_ails_and_when_it_is_well_again():
    entries = told(board("power"), board("power", wrong=False))
    assert seen(entries) == [(Line.UNDERVOLTAGE, Priority.ERROR), (Line.BOARD_WELL, Priority.INFO)]
    assert entries[1].message == "power: well again after 1 s: as measured"


def test_a_clock_that_is_set_for_the_first_time_is_no_trouble_but_explains_the_times_above():
    assert seen(told(board("clock step", wrong=False))) == [(Line.CLOCK_STEPPED, Priority.INFO)]
    assert seen(told(board("clock step"))) == [(Line.CLOCK_STEPPED, Priority.WARNING)]


@pytest.mark.parametrize(
    ("name", "line", "priority"),
    [
        ("unknown response.sang", Line.ODD_EVENT, Priority.INFO),
        ("malformed response.done", Line.ODD_EVENT, Priority.INFO),
        ("error rate_limit_exceeded", Line.RELAY_ERROR, Priority.INFO),
        ("no reply: failed server_error", Line.RELAY_ERROR, Priority.INFO),
        ("late audio", Line.STEP, Priority.DEBUG),
        ("metrics_file can not be written: no space left on device", Line.METRICS_FILE, Priority.WARNING),
    ],
)
def test_troubles_have_the_lines_of_what_they_are(name, line, priority):
    assert seen(told(("trouble", {"name": name}))) == [(line, priority)]


def test_health_is_a_line_a_minute_for_the_patient_and_news_when_its_reasons_change():
    entries = told(
        health(),
        health("3 underruns and overruns in an hour: stop what else runs; at once", 90),
        health("4 underruns and overruns in an hour: stop what else runs; at once", 90),
        health(),
    )
    assert {entry.priority for entry in entries if entry.line is Line.HEALTH} == {Priority.DEBUG}
    changes = [entry for entry in entries if entry.line is Line.HEALTH_CHANGED]
    assert [entry.priority for entry in changes] == [Priority.WARNING, Priority.INFO]
    assert changes[1].message == "health is 100 now: all is well"


def test_what_stands_for_itself_is_a_line_as_it_comes():
    assert seen(told(("hours", {"open": True}))) == [(Line.HOURS_OPENED, Priority.INFO)]


def test_what_is_of_no_interest_is_passed_over():
    assert told(("delta", {"turn": 1, "samples": 480}), ("heard", {"turn": 1}), ("lesson", {"step": 1})) == []
