"""The table of the health score, for README."""

from pathlib import Path

import pytest

from agent.health.scale import BEGIN, END, markdown, replaced
from agent.health.score import SCALE

README = Path(__file__).parents[2] / "README.md"


def test_every_deduction_is_a_row_with_its_reason():
    rows = markdown().splitlines()[2:]
    assert rows == [f"| {one.points} | {one.when} | {one.source} |" for one in SCALE]


def test_what_is_around_the_table_stays():
    assert replaced(f"before {BEGIN} old {END} after") == f"before {BEGIN}\n{markdown()}\n{END} after"


def test_a_text_without_a_place_for_the_table_is_refused():
    with pytest.raises(ValueError, match="marks"):
        replaced("# A README")
