"""The last resort: what systemd says of the end of the agent goes in, a reboot comes out or does not."""

import os

import pytest

from tests.systemd.shipped import SCRIPT, UNIT_FILE, goes_to, run, said

HOUR = 3600


class Board:
    """A device whose clock is ours, and whose `systemctl` and `shutdown` only write down what they were asked."""

    def __init__(self, root):
        self.root, self.asked = root, root / "asked"
        for folder in ("proc", "run", "bin"):
            (root / folder).mkdir()
        for name in ("systemctl", "shutdown"):
            command = root / "bin" / name
            command.write_text(f'#!/bin/sh\necho {name} "$@" >>{self.asked}\n')
            command.chmod(0o755)

    def ends(self, result, *, up, left=None):
        """The agent ended; `left` is the process that is still there. Returns what is in the journal."""
        (self.root / "proc/uptime").write_text(f"{up}.25 {up}.00\n")
        environ = {"PATH": f"{self.root}/bin:{os.environ['PATH']}", "SERVICE_RESULT": result}
        done = run(SCRIPT, self.root, env=environ | ({"MAINPID": str(left)} if left else {}))
        assert done.returncode == 0, done.stderr
        return done.stderr

    def commands(self):
        return self.asked.read_text().splitlines() if self.asked.exists() else []


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def test_the_unit_calls_it_as_root_and_can_do_without_it():
    assert said(UNIT_FILE)["ExecStopPost"] == [f"+-{goes_to(SCRIPT)}"]


@pytest.mark.parametrize("result", ["success", "exit-code", "signal", "oom-kill"])
def test_an_agent_that_ends_by_itself_never_reboots_the_device(board, result):
    for minute in range(20):
        assert board.ends(result, up=HOUR + minute * 10) == ""
    assert board.commands() == []


@pytest.mark.parametrize("result", ["watchdog", "timeout"])
def test_an_agent_that_hangs_again_and_again_does(board, result):
    board.ends(result, up=HOUR)
    board.ends(result, up=HOUR + 60)
    assert board.commands() == []
    assert board.ends(result, up=HOUR + 120) == "<2>rebooting: hung 3 times in 15 minutes\n"
    assert board.commands() == ["systemctl --no-block reboot"]


def test_an_agent_that_hangs_now_and_then_does_not(board):
    for time in range(10):
        board.ends("watchdog", up=HOUR + time * 500)
    assert board.commands() == []


def test_a_device_that_has_just_started_is_left_to_whoever_wants_to_log_in(board):
    for time in range(10):
        board.ends("watchdog", up=60 + time * 60)
    assert board.commands() == []


def test_a_process_that_can_not_be_killed_reboots_at_once(board):
    assert board.ends("watchdog", up=HOUR, left=812) == "<2>rebooting in 0 minutes: process 812 survives SIGKILL\n"
    assert board.commands() == ["shutdown -r +0"]


def test_or_when_the_device_has_been_up_for_an_hour(board):
    board.ends("watchdog", up=HOUR - 90, left=812)
    assert board.commands() == ["shutdown -r +2"]
