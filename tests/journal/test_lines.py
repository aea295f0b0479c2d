"""Kinds of lines: found by an id that is theirs alone."""

import re

import pytest

from agent.board.limits import HOT_C
from agent.health.record import BoardHealth
from agent.health.watch import TROUBLES, Watch
from agent.journal.editor import BOARD, LINK
from agent.journal.lines import Line
from agent.link.reason import Kind
from tests.journal.samples import written


def test_each_kind_has_an_id_of_its_own_in_the_form_that_journald_wants():
    ids = [line.message_id for line in Line]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)


@pytest.mark.parametrize("line", Line)
def test_there_is_a_way_to_each_kind(line):
    assert written(line)["AGENT_EVENT"] == line.name.lower()


def test_whatever_the_link_is_down_of_has_a_line():
    assert set(LINK) == {kind.value for kind in Kind}


def test_whatever_can_be_wrong_with_the_board_has_a_line():
    hot = BoardHealth(HOT_C, None, None, None, None, None, None)
    watch = Watch()
    (change,) = (*watch.look(hot, 0.0, 0.0),)
    (step,) = (*watch.look(hot, 60.0, 9_000.0),)
    assert {change.name, step.name} <= set(BOARD)
    assert set(BOARD) == {trouble.name for trouble in TROUBLES} | {step.name}
