"""What README says of the service is so: names, files, scenes, settings."""

import re
import textwrap
from pathlib import Path

import pytest

from agent.health.scale import replaced
from agent.journal.lines import Line
from agent.session.effects import Scene
from agent.settings_sources import load

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()


def test_the_health_score_is_todays():
    assert replaced(TEXT) == TEXT, "run `python -m agent.health.scale README.md`"


@pytest.mark.parametrize("scene", Scene)
def test_every_scene_has_a_row_that_says_what_it_means(scene):
    assert re.search(rf"^\| {scene.value} \| [^|]+ \| [^|]+ \|", TEXT, re.MULTILINE)


def test_every_kind_of_line_that_is_asked_for_exists():
    events = re.findall(r"AGENT_EVENT=(\w+)", TEXT)
    ids = re.findall(r"MESSAGE_ID=(\w+)", TEXT)
    assert events
    assert ids
    assert set(events) <= {line.name.lower() for line in Line}
    assert set(ids) <= {line.message_id for line in Line}


def test_every_file_of_this_repository_that_is_named_is_there():
    named = re.findall(r"[`(]((?:agent|systemd|tests|hw_tests|provisioning)/[\w./-]+)", TEXT)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_settings_that_are_shown_are_usable(tmp_path):
    shown = re.search(r"^    metrics_file.*?^(?=\S)", TEXT, re.MULTILINE | re.DOTALL)
    assert shown
    file = tmp_path / "agent.toml"
    file.write_text(textwrap.dedent(shown[0]))
    assert load(file, {}).hours.open == ("mon-fri 07:00-15:30", "sat 08:00-12:00")
