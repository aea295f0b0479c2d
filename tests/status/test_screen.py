"""The live screen in a real terminal, of a real process."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.status.corner import RECORD, an_agent

ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A pseudo-terminal, and the command that runs in it."""

    def __init__(self, folder, lines=24, columns=80):
        self.keys, self._screen = pty.openpty()
        self.resize(lines, columns)
        self.modes = termios.tcgetattr(self._screen)
        environ = {**os.environ, "RUNTIME_DIRECTORY": str(folder), "TERM": "xterm-256color"}
        for variable in ("COLUMNS", "LINES", "NO_COLOR"):
            environ.pop(variable, None)
        command = [sys.executable, "-m", "agent", "status", "--watch"]
        self.process = subprocess.Popen(
            command, stdin=self._screen, stdout=self._screen, stderr=self._screen, env=environ, start_new_session=True
        )

    def resize(self, lines, columns):
        fcntl.ioctl(self._screen, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def until(self, told):
        """Read until this was drawn; return what was drawn with it, without orders to the terminal."""
        drawn = b""
        while told not in (plain := ESCAPES.sub(b"", drawn).decode(errors="ignore")):
            drawn += os.read(self.keys, 65_536)
        return plain

    def ended(self):
        status = self.process.wait(10)
        assert termios.tcgetattr(self._screen) == self.modes, "the terminal is left as it was found"
        return status

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.keys)
        os.close(self._screen)


@contextmanager
def a_terminal(folder, **size):
    terminal = Terminal(folder, **size)
    try:
        yield terminal
    finally:
        terminal.close()


@pytest.mark.parametrize("end", [b"q", b"xQ", b"\x04"])
def test_a_key_ends_it(tmp_path, end):
    with an_agent(tmp_path), a_terminal(tmp_path) as terminal:
        assert "link up for 3 h 12 min" in terminal.until("q ends")
        os.write(terminal.keys, b"z")
        terminal.until("q ends")
        os.write(terminal.keys, end)
        assert terminal.ended() == 0


def test_so_does_an_interrupt(tmp_path):
    with an_agent(tmp_path), a_terminal(tmp_path) as terminal:
        terminal.until("q ends")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ended() == 0


def test_it_outlives_the_agent_and_says_so(tmp_path):
    with a_terminal_of_an_agent(tmp_path) as terminal:
        terminal.until("trying again: the agent is not running")
        with an_agent(tmp_path, replace(RECORD, score=55)):
            terminal.until("health 55")
            assert "trying again" not in terminal.until("q ends")
        terminal.until("trying again")
        os.write(terminal.keys, b"q")
        assert terminal.ended() == 0


@contextmanager
def a_terminal_of_an_agent(folder):
    """One on whose screen there was an agent, which is gone now."""
    with an_agent(folder):
        terminal = Terminal(folder)
        terminal.until("health 96")
    try:
        yield terminal
    finally:
        terminal.close()


def test_it_keeps_to_the_size_of_the_terminal(tmp_path):
    with an_agent(tmp_path), a_terminal(tmp_path) as terminal:
        assert "9000 MB of disk free" in terminal.until("q ends")
        terminal.resize(20, 50)
        terminal.until("…")
        frame = terminal.until("q ends").rpartition("ready; link")[2]
        assert max(len(line) for line in frame.splitlines()) <= 50
