"""The picture of the machine, drawn from its table."""

from pathlib import Path

import pytest

from agent.session.diagram import BEGIN, END, mermaid, replaced

README = Path(__file__).parents[2] / "README.md"


def test_the_diagram_in_the_readme_is_the_machine_of_today():
    text = README.read_text()
    assert replaced(text) == text, "run `python -m agent.session.diagram README.md`"


def test_a_text_without_a_place_for_the_diagram_is_refused():
    with pytest.raises(ValueError, match="marks"):
        replaced("# A README")


def test_what_is_around_the_diagram_stays():
    assert replaced(f"before {BEGIN} old {END} after") == f"before {BEGIN}\n{mermaid()}\n{END} after"
