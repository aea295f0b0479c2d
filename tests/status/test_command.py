import json
from io import StringIO

import pytest
from rich.console import Console

from agent.errors import BadInput
from agent.status.command import show, watch
from tests.status.corner import RECORD, an_agent


def shown(folder, as_json):
    paper = Console(file=StringIO(), width=80)
    with an_agent(folder):
        assert show({"RUNTIME_DIRECTORY": str(folder)}, paper, as_json) == 0
    return paper.file.getvalue()


def test_people_get_a_page(tmp_path):
    assert shown(tmp_path, as_json=False).startswith("ready; link up for 3 h 12 min; health 96\n")


def test_programs_get_the_record_as_it_is(tmp_path):
    assert json.loads(shown(tmp_path, as_json=True)) == json.loads(json.dumps(RECORD.as_json()))


def test_a_live_screen_needs_a_terminal(tmp_path):
    with pytest.raises(BadInput, match="ssh -t"):
        watch({}, Console(file=StringIO()))
