"""The command: its lines, its JSON, its exit status, and its end whatever hangs."""

import asyncio
import json
import threading

import pytest
from rich.console import Console

from agent.check.run import Room, gathered, run, run_full
from agent.check.verdicts import ok
from agent.cli import main
from agent.errors import BadInput
from tests.check.relay import our_relay
from tests.check.tree import open_card, open_nodes, plug, start_service, tree, verdicts


@pytest.fixture
def environ(tmp_path):
    """A relay on this machine that is down, and no device token: nobody is dialled."""
    file = tree(tmp_path, {"agent.toml": '[relay]\nurl = "ws://127.0.0.1:9"\n'}) / "agent.toml"
    return file, {}


def test_a_room_that_hangs_is_not_checked_and_keeps_no_other_from_being_told():
    never = threading.Event()

    def hangs():
        yield ok("microphone", "fine")
        never.wait()

    rooms = (Room(("microphone", "speaker"), hangs), Room(("disk",), lambda: [ok("disk", "fine")]))
    found = gathered(rooms, 0.2)
    never.set()
    assert verdicts(found) == {"microphone": "ok", "speaker": "not checked", "disk": "ok"}
    assert "no answer" in found[1].found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_room_that_breaks_off_is_not_checked():
    def breaks():
        raise ZeroDivisionError

    (found,) = gathered([Room(("disk",), breaks)], 5.0)
    assert (found.verdict.value, found.found) == ("not checked", "broke off")


def test_a_machine_that_is_no_corner_can_not_teach_and_every_failure_says_what_to_do(environ, capsys, tmp_path):
    assert run(*environ_for(environ, as_json=True), root=tmp_path) == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["can_teach"]
    failures = [check for check in told["checks"] if check["verdict"] == "failed"]
    assert {"microphone", "speaker", "token"} <= {check["name"] for check in failures}
    assert all(check["what_to_do"] for check in failures)


def test_people_get_a_line_for_each_check_and_one_for_all(environ, capsys, tmp_path):
    assert run(*environ_for(environ, as_json=False), root=tmp_path) == 1
    lines = capsys.readouterr().out
    assert "not checked  board" in lines
    assert "This corner can not teach: " in lines.splitlines()[-1]


def test_a_corner_at_work_can_teach_and_is_left_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.syspath_prepend(tree(tmp_path / "site", {"lgpio.py": "def gpiochip_open(gpiochip):\n"}))
    root = open_card(plug(start_service(tmp_path / "pi", 812, 815, 816)), {"c": 815, "p": 816})
    open_nodes(root, 812, "/dev/gpiochip0")

    async def story():
        async with our_relay() as relay:
            file = tree(tmp_path, {"agent.toml": f'[relay]\nurl = "{relay.url}"\n'}) / "agent.toml"
            environ = {"READING_CORNER_TOKEN": relay.mint_token("corner-7")}
            return await asyncio.to_thread(run, file, True, environ, Console(), root)

    assert asyncio.run(story()) == 0
    assert json.loads(capsys.readouterr().out)["can_teach"]


def environ_for(environ, as_json):
    file, variables = environ
    return file, as_json, variables, Console(width=100)


@pytest.mark.parametrize(("text", "word"), [("[relay]\n", "relay.url"), ("[relai]\n", "relai")])
def test_settings_that_can_not_be_used_are_exit_2(tmp_path, capsys, text, word, monkeypatch):
    monkeypatch.delenv("READING_CORNER_RELAY__URL", raising=False)
    file = tree(tmp_path, {"agent.toml": text}) / "agent.toml"
    assert main(["check", "--settings", str(file)]) == 2
    assert word in capsys.readouterr().err


def test_the_hardware_suites_exit_status_is_passed_on(tmp_path):
    suite = "import sys\ndef test_it(pytestconfig):\n    assert pytestconfig.rootpath.name == 'source'\n"
    folder = tree(tmp_path / "source", {"hw_tests/test_it.py": suite, "pytest.ini": "[pytest]\n"})
    assert run_full(None, [tmp_path, folder]) == 0
    tree(folder, {"hw_tests/test_it.py": "def test_it():\n    assert False\n"})
    assert run_full(None, [folder]) == 1


def test_no_hardware_suite_is_one_line(tmp_path):
    with pytest.raises(BadInput, match="hw_tests"):
        run_full(None, [tmp_path])
