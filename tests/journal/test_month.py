"""How much a month of ordinary use leaves in the journal."""

import pytest

from agent.journal import Priority
from tests.journal.month import REMOTE, month, size_of

BUDGET = 2_000_000


def test_a_school_day_fits_on_a_screen_or_two():
    second_day = [at for at, _ in month() if 86_400 <= at < 2 * 86_400]
    assert 40 < len(second_day) < 80


@pytest.mark.skipif(REMOTE is None, reason="no systemd-journal-remote")
def test_a_month_takes_less_than_2_mb_of_a_real_journal_file(tmp_path):
    lines = month()
    tables = size_of(lines[:1], tmp_path / "empty")
    assert size_of(lines, tmp_path / "month") - tables < BUDGET


def test_nothing_but_what_was_asked_for_makes_it_longer():
    assert len(month(Priority.DEBUG)) > len(month())
