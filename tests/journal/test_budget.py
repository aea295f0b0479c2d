"""A topic that flaps is told with a count; nothing that matters gets lost, and no disk is filled."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.journal.budget import HOUR, RATES, USUAL, Budget
from agent.journal.lines import Entry, Line, Priority

LOST = Entry(Line.LINK_LOST, Priority.WARNING, "lost", {"why": "cut"}, "link")
UP = Entry(Line.LINK_UP, Priority.INFO, "up", {}, "link")
REFUSED = Entry(Line.TOKEN_REFUSED, Priority.ERROR, "refused", {}, "link")
OTHER = Entry(Line.DEVICE_LOST, Priority.ERROR, "speaker lost", {}, "device speaker")
TOPIC = (LOST, UP, REFUSED)


def flapping(budget, times, every=10.0):
    """The link goes down and up so often; what is written at which moment."""
    entries = [(number * every, (LOST, UP)[number % 2]) for number in range(times)]
    return [(at, one) for at, entry in entries for one in budget.offer(entry, at)]


def test_ordinary_days_are_written_as_they_are():
    assert [entry for _, entry in flapping(Budget(), USUAL.burst)] == [LOST, UP] * (USUAL.burst // 2)


def test_a_flapping_link_is_cut_short_and_its_end_is_told_with_a_count():
    budget = Budget()
    assert len(flapping(budget, 60)) == USUAL.burst
    last = budget.due(600.0 + HOUR)
    assert [entry.message for entry in last] == ["lost (and 24 like it before)", "up (and 24 like it before)"]
    assert last[0].facts == {"why": "cut", "withheld": 24}
    assert budget.due(600.0 + HOUR) == ()


def test_the_last_line_tells_how_it_is_now():
    budget = Budget()
    flapping(budget, 61)  # ends with a loss
    assert [entry.line for entry in budget.due(2 * HOUR)] == [Line.LINK_UP, Line.LINK_LOST]


def test_a_new_kind_of_failure_is_told_at_once_behind_what_was_withheld():
    budget = Budget()
    flapping(budget, 60)
    assert [entry.line for entry in budget.offer(REFUSED, 600.0)] == [Line.LINK_LOST, Line.LINK_UP, Line.TOKEN_REFUSED]


def test_one_topic_takes_no_room_from_another():
    budget = Budget()
    flapping(budget, 60)
    assert budget.offer(OTHER, 600.0) == (OTHER,)


def test_what_was_asked_for_is_not_withheld():
    budget, steps = Budget(), Entry(Line.SCENE, Priority.DEBUG, "= ready", {}, "scene")
    assert all(budget.offer(steps, 0.0) == (steps,) for _ in range(1000))


def test_a_lively_hour_has_a_line_for_each_turn():
    budget, turn = Budget(), Entry(Line.TURN, Priority.INFO, "turn", {}, "turn")
    assert sum(len(budget.offer(turn, 18.0 * number)) for number in range(200)) == 200
    assert RATES["turn"].burst >= 200


def test_planned_closes_have_a_line_every_few_hours():
    budget, planned = Budget(), Entry(Line.LINK_PLANNED, Priority.INFO, "closed as planned", {}, "planned")
    month = [len(budget.offer(planned, 400.0 * number)) for number in range(30 * 24 * 9)]
    assert 100 < sum(month) < 130


@given(st.lists(st.tuples(st.sampled_from(TOPIC), st.floats(0, 2 * HOUR)), max_size=300), st.floats(0, 1.5 * HOUR))
def test_however_it_flaps_an_hour_has_few_lines_and_every_entry_is_written_or_counted(story, looks_at):
    budget, at, written = Budget(), 0.0, []
    for entry, after in story:
        at += after / 50
        written += [(at, one) for one in budget.offer(entry, at)]
    at += looks_at
    written += [(at, one) for one in budget.due(at)]
    most = USUAL.burst + USUAL.per_hour + 4 * len(TOPIC)
    assert all(sum(begin <= at < begin + HOUR for at, _ in written) <= most for begin, _ in written)
    assert all(one <= two for (one, _), (two, _) in pairwise(written))
    written += [(at, one) for one in budget.due(at + 100 * HOUR)]
    counted = sum(1 + one.facts.get("withheld", 0) for _, one in written)
    assert counted == len(story)
    assert all(bool(re.search("like it", one.message)) == ("withheld" in one.facts) for _, one in written)
