"""What a run is said to have come to."""

import json

import pytest

from hw_tests.results import FAILED, GOOD, INCOMPLETE, LEFT_OUT, NOT_CHECKED, Results, Row


def results(*outcomes):
    rows = [Row(f"test {n}", outcome, "" if outcome == GOOD else "why", {}) for n, outcome in enumerate(outcomes)]
    return Results({"board": "a Pi"}, rows)


@pytest.mark.parametrize(
    ("outcomes", "pytests", "status"),
    [
        ([GOOD, GOOD], 0, 0),
        ([GOOD, LEFT_OUT], 0, 0),
        ([GOOD, NOT_CHECKED], 0, INCOMPLETE),
        ([NOT_CHECKED], 0, INCOMPLETE),
        ([LEFT_OUT], 0, INCOMPLETE),
        ([GOOD, FAILED, NOT_CHECKED], 1, 1),
        ([GOOD], 2, 2),
        ([], 5, 5),
    ],
)
def test_only_a_corner_of_which_all_was_found_good_ends_in_0(outcomes, pytests, status):
    assert results(*outcomes).status(pytests) == status


def test_what_was_not_checked_is_never_counted_as_good():
    told = [*results(GOOD, NOT_CHECKED, NOT_CHECKED, LEFT_OUT).lines()]
    assert told[-1] == "1 good, 0 failed, 2 not checked, 1 left out on purpose"


def test_a_reason_that_many_share_is_told_once():
    told = "\n".join(results(NOT_CHECKED, NOT_CHECKED, GOOD, NOT_CHECKED).lines())
    assert told.count("why") == 2


def test_figures_stand_beside_their_test():
    one = Results({}, [Row("speaker: a tone", GOOD, "", {"level dBFS": -20.1234, "channels": 2, "card": "USB"})])
    assert "speaker: a tone  (level dBFS -20.1, channels 2, card USB)" in "\n".join(one.lines())


def test_json_has_the_board_the_counts_and_every_test():
    told = json.loads(results(GOOD, FAILED).as_json())
    assert told["about"] == {"board": "a Pi"}
    assert told["counts"] == {GOOD: 1, FAILED: 1, NOT_CHECKED: 0, LEFT_OUT: 0}
    assert [test["outcome"] for test in told["tests"]] == [GOOD, FAILED]
