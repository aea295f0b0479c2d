"""The command on a machine like a corner: everything is there, nothing that must not be."""

import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from rich.console import Console

from agent.journal import Journal, Priority, to_stream
from agent.relay.registry import Registry
from agent.support.command import run

STUDENT, TRANSCRIPT = "student-4711", "mi perro se llama Canelo"
FOREIGN = "a-token-of-another-relay"


class Machine:
    """Answers as journalctl and systemctl do; its journal is the agent's, and of a library that told too much."""

    def __init__(self, token):
        self._paper = io.StringIO()
        journal = Journal(to_stream(self._paper), lambda: 0.0, Priority.DEBUG)
        journal.note("trouble", name=f"the relay said {token}")
        self._lines = self._paper.getvalue() + f"websockets: GET /v1?student_id={STUDENT} token {token} {FOREIGN}\n"

    def __call__(self, command):
        if command[0] == "systemctl":
            return "Id=reading-corner.service\n"
        if "--dmesg" in command:
            raise subprocess.CalledProcessError(1, command)
        if "--output=json" in command:
            entry = {"MESSAGE": self._lines, "AGENT_TURN": "3", "_CMDLINE": f"run --token {FOREIGN}", "PRIORITY": "6"}
            return json.dumps({**entry, "transcript": TRANSCRIPT}) + "\n"
        return self._lines + f'server event: "transcript": "{TRANSCRIPT}"\n'


@pytest.fixture
def corner(tmp_path):
    """Settings and a token in their files, and what a ticket's archive came to."""
    token = Registry().issue("corner-17")
    (tmp_path / "token").write_text(FOREIGN)
    (tmp_path / "agent.toml").write_text(
        'school_id = "escuela-1"\n[relay]\nurl = "ws://127.0.0.1:9"\n'
        f'token_file = "{tmp_path / "token"}"\nquery = {{ key = "{token}" }}\n'
    )
    told = io.StringIO()
    archive = tmp_path / "ticket.tar.gz"
    environ = {"RUNTIME_DIRECTORY": str(tmp_path)}
    assert run(tmp_path / "agent.toml", archive, environ, Console(file=told, width=100), Machine(token)) == 0
    return token, told.getvalue(), _unpacked(archive)


def _unpacked(archive):
    with tarfile.open(archive) as tar:
        return {Path(member.name).name: tar.extractfile(member).read().decode() for member in tar}


def test_no_token_no_student_and_no_word_that_was_said_is_in_the_archive(corner):
    token, told, parts = corner
    everything = told + "".join(parts.values())
    for secret in (token, token.split("_")[2], FOREIGN, STUDENT, TRANSCRIPT, "Canelo"):
        assert secret not in everything


def test_what_a_maintainer_needs_is_there_and_listed(corner):
    _, told, parts = corner
    assert list(parts) == [
        "versions.txt",
        "settings.txt",
        "status.json",
        "check.json",
        "devices.json",
        "journal.txt",
        "journal.jsonl",
        "kernel.txt",
        "unit.txt",
    ]
    assert all(name in told for name in parts)
    assert "numpy" in parts["versions.txt"]
    assert "escuela-1" in parts["settings.txt"]
    assert json.loads(parts["check.json"])["can_teach"] is False
    assert "from the relay" in parts["journal.txt"]
    assert json.loads(parts["journal.jsonl"])["AGENT_TURN"] == "3"
    assert "_CMDLINE" not in parts["journal.jsonl"]


def test_a_part_that_is_not_to_be_had_says_why(corner):
    _, _, parts = corner
    assert "the agent is not running" in parts["status.json"]
    assert "CalledProcessError" in parts["kernel.txt"]
