"""The catalogue: each kind of line explained in both languages, and taken by journald's own tools."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.journal.catalog import WIDTH, catalog
from agent.journal.explained import CATALOG
from agent.journal.lines import Line
from tests.journal.samples import written

FILE = Path(__file__).parents[2] / "systemd/reading-corner.catalog"
JOURNALCTL = shutil.which("journalctl")
WITH_LETTERS = Path("/usr/lib/locale/C.utf8")
"""A locale that every Debian has. Under another name it is Puerto Rico's, as far as messages go."""


def test_the_file_that_is_shipped_is_the_one_that_is_written_now():
    assert FILE.read_text("utf-8") == catalog(), "python -m agent.journal.catalog systemd/reading-corner.catalog"


@pytest.mark.parametrize("line", Line)
def test_each_kind_is_explained_in_two_languages(line):
    for text in (CATALOG[line].english, CATALOG[line].spanish):
        assert 10 < len(text.subject) <= WIDTH
        assert len(text.body) > 40
    assert CATALOG[line].english != CATALOG[line].spanish


@pytest.mark.parametrize("line", Line)
def test_values_that_are_shown_are_there(line):
    there = set(written(line))
    for text in (CATALOG[line].english, CATALOG[line].spanish):
        assert set(re.findall(r"@(\w+)@", text.subject + text.body)) <= there


def test_both_languages_name_the_same_commands():
    def commands(text):
        return [re.sub("NAME.*|NOMBRE.*", "", line) for line in text.body.splitlines() if line.startswith("    ")]

    for explained in CATALOG.values():
        assert [one.split(" ")[:6] for one in commands(explained.english)] == [
            one.split(" ")[:6] for one in commands(explained.spanish)
        ]


def test_lines_are_as_narrow_as_a_terminal_and_begin_nothing_else():
    lines = catalog().splitlines()
    assert max(map(len, lines)) <= WIDTH + len("Subject: ")
    assert all(re.fullmatch("-- [0-9a-f]{32}( es)?", line) for line in lines if line.startswith("--"))


def dumped(root, environ):
    command = [JOURNALCTL, f"--root={root}", "--dump-catalog"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=20).stdout


@pytest.mark.skipif(JOURNALCTL is None, reason="no journalctl")
@pytest.mark.skipif(not WITH_LETTERS.is_dir(), reason="no C.utf8 to make a Spanish locale of")
def test_journald_takes_it_and_speaks_the_readers_language(tmp_path):
    folder = tmp_path / "usr/lib/systemd/catalog"
    folder.mkdir(parents=True)
    shutil.copy(FILE, folder)
    shutil.copytree(WITH_LETTERS, tmp_path / "locales/es_PR.utf8")
    subprocess.run([JOURNALCTL, f"--root={tmp_path}", "--update-catalog"], check=True, timeout=20)
    for explained, environ in (
        (lambda line: CATALOG[line].english, {"LC_ALL": "C.UTF-8"}),
        (lambda line: CATALOG[line].spanish, {"LC_ALL": "es_PR.UTF-8", "LOCPATH": str(tmp_path / "locales")}),
    ):
        shown = dumped(tmp_path, {**os.environ, **environ})
        assert shown.count("\n-- ") + 1 == len(Line)
        for line in Line:
            assert f"-- {line.message_id}\nSubject: {explained(line).subject}\n" in shown
