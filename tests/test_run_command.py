"""The agent as a service: a real process, with a service manager's socket and a frozen part at a time."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

PATIENCE_S = 20.0
"""How long a test waits for something to be told; far more than it takes on a machine that is busy."""

WATCHDOG_S = 4.0
EVERY_S = WATCHDOG_S / 4
"""So often the watchdog is to be told, and so long may something stand still: a hundred steps of an audio thread."""

SECONDS_TO_END = 2.0
"""What the agent promises after SIGTERM."""

BUSY_S = 3.0
"""What a busy machine may add to that: here the end is to be seen, not measured."""

WHERE = {"capture": "in read", "playout": "in wait", "loop": "in show"}
"""The function of the device in which the part is stuck."""


class Process:
    """The agent, and what it tells its service manager and its standard error."""

    def __init__(self, process, manager):
        self._process, self._manager = process, manager
        self.status, self.stderr = "", ""

    def told(self, line, within=PATIENCE_S):
        """Wait until the manager is told a line that begins so; whether it was."""
        return any(told.startswith(line) for told in self._lines(within))

    def said(self, pattern):
        """Wait until standard error has something like this."""
        deadline = time.monotonic() + PATIENCE_S
        while not re.search(pattern, self.stderr, re.MULTILINE):
            left = deadline - time.monotonic()
            assert left > 0, f"no {pattern!r} in {self.stderr}"
            self._read(left)

    def order(self, order, part):
        self._process.stdin.write(f"{order} {part}\n".encode())
        self._process.stdin.flush()

    def ended_by(self, number):
        """Send a signal; the exit status, and how long the end took."""
        asked = time.monotonic()
        self._process.send_signal(number)
        self.stderr += self._process.communicate(timeout=PATIENCE_S)[1].decode()
        return self._process.returncode, time.monotonic() - asked

    def ended(self):
        self.stderr += self._process.communicate(timeout=PATIENCE_S)[1].decode()
        return self._process.returncode

    def _lines(self, within):
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            self._manager.settimeout(left)
            try:
                lines = self._manager.recv(4096).decode().splitlines()
            except TimeoutError:
                return
            for line in lines:
                if line.startswith("STATUS="):
                    self.status = line.removeprefix("STATUS=")
                yield line

    def _read(self, within):
        if select.select([self._process.stderr], [], [], within)[0]:
            self.stderr += os.read(self._process.stderr.fileno(), 65536).decode()


@pytest.fixture
def start(tmp_path):
    """Start an agent: no token, nobody at its relay's address."""

    @contextmanager
    def started(*levers, **environ):
        address = str(tmp_path / "notify")
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("READING_CORNER_")},
            "NOTIFY_SOCKET": address,
            "WATCHDOG_USEC": str(round(WATCHDOG_S * 1e6)),
            "READING_CORNER_RELAY__URL": "ws://127.0.0.1:1",
        } | environ
        command = [sys.executable, "-m", "tests.frozen", *levers]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            with subprocess.Popen(
                command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            ) as process:
                try:
                    yield Process(process, manager)
                finally:
                    process.kill()

    return started


@pytest.mark.parametrize("part", WHERE)
def test_a_part_that_is_frozen_is_named_then_the_watchdog_is_told_nothing_and_its_signal_shows_where(start, part):
    with start() as agent:
        assert agent.told("READY=1")
        assert agent.told("WATCHDOG=1")
        agent.order("freeze", part)
        assert agent.told(f"STATUS=Stands still: {part}."), "told to IT"
        agent.said(rf"^<3>{part} has not moved for ")
        assert not agent.told("WATCHDOG=1", within=2 * EVERY_S)
        status, _ = agent.ended_by(signal.SIGABRT)
    assert status == -signal.SIGABRT
    stacks = re.split(r"\n\n", agent.stderr)
    assert any(WHERE[part] in stack and "stand_still" in stack for stack in stacks)
    for thread in ("capture.py", "playout.py", "warden.py", "base_events.py"):
        assert any(thread in stack for stack in stacks), thread


@pytest.mark.parametrize("part", WHERE)
def test_a_part_that_moves_again_is_told_to_everybody_who_heard_that_it_stood_still(start, part):
    with start() as agent:
        assert agent.told("READY=1")
        agent.order("freeze", part)
        assert agent.told(f"STATUS=Stands still: {part}.")
        agent.order("thaw", part)
        agent.said(rf"^<6>{part} moves again, after ")
        assert agent.told("STATUS=Not connected")
        assert agent.told("WATCHDOG=1")
        assert agent.ended_by(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("levers", [(), ("no-microphone",), ("no-speaker",), ("no-microphone", "no-speaker")], ids=str)
def test_what_is_missing_is_a_state_and_no_end(start, levers):
    with start(*levers) as agent:
        assert agent.told("READY=1")
        for _ in range(3):
            assert agent.told("WATCHDOG=1")
        for lever in levers:
            assert f"No {lever.removeprefix('no-')}." in agent.status
        assert "Not connected to the relay" in agent.status
        assert "Stands still" not in agent.status
        status, seconds = agent.ended_by(signal.SIGTERM)
        assert agent.told("STOPPING=1")
    assert status == 0, agent.stderr
    assert seconds < SECONDS_TO_END + BUSY_S
    assert "Traceback" not in agent.stderr


def test_whoever_asks_on_the_status_socket_is_told_how_it_is(start, tmp_path):
    with start("no-microphone", RUNTIME_DIRECTORY=str(tmp_path)) as agent:
        assert agent.told("READY=1")
        agent.said("no token")
        environ = os.environ | {"RUNTIME_DIRECTORY": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", "from agent.cli import main; raise SystemExit(main(['status', '--json']))"],
            env=environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        record = json.loads(done.stdout)
        assert (record["missing"], record["link"]["up"], record["now"]["state"]) == (["microphone"], False, "no device")
        assert record["score"] < 50
        assert agent.ended_by(signal.SIGTERM)[0] == 0
    assert not (tmp_path / "status.sock").exists()


def test_a_relay_that_nobody_answers_at_is_a_state_and_no_end(start):
    with start(READING_CORNER_TOKEN="rct_7_0123456789abcdef") as agent:
        assert agent.told("READY=1")
        assert agent.told("STATUS=Not connected to the relay: ")
        assert agent.told("WATCHDOG=1")
        assert agent.ended_by(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("part", WHERE)
def test_an_agent_that_is_stuck_ends_all_the_same_when_it_is_asked_to_and_says_where_it_was(start, part):
    with start() as agent:
        assert agent.told("READY=1")
        agent.order("freeze", part)
        assert agent.told(f"STATUS=Stands still: {part}.")
        status, seconds = agent.ended_by(signal.SIGTERM)
        assert agent.told("STOPPING=1")
    assert status == 0, agent.stderr
    assert seconds < SECONDS_TO_END + BUSY_S
    assert WHERE[part] in agent.stderr


@pytest.fixture
def relay(tmp_path):
    """A relay that serves: its address, its registry's file, and a token of the device."""
    file = tmp_path / "tokens.sqlite"
    command = [sys.executable, "-c", "import sys; from agent.relay.cli import main; sys.exit(main())"]
    issue = [*command, "token", "issue", "--registry", str(file), "--device", "reading-corner"]
    token = subprocess.run(issue, check=True, capture_output=True, text=True, timeout=PATIENCE_S).stdout.strip()
    serve = [*command, "serve", "--port", "0", "--tutor", "parrot", "--registry", str(file)]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield process.stdout.readline().split()[-1], [*command, "token"], file, token
        process.terminate()


def test_a_token_that_the_relay_rotates_is_kept_and_told_without_being_shown(start, relay, tmp_path):
    url, command, file, token = relay
    state = tmp_path / "state"
    state.mkdir()
    environ = {"READING_CORNER_RELAY__URL": url, "READING_CORNER_TOKEN": token, "STATE_DIRECTORY": str(state)}
    with start(**environ) as agent:
        agent.said("link up")
        rotate = [*command, "rotate", "--registry", str(file), "--device", "reading-corner"]
        deadline = time.monotonic() + PATIENCE_S
        # The relay notes once a second who came, and only whoever came with a token is given another.
        while subprocess.run(rotate, stderr=subprocess.DEVNULL, timeout=PATIENCE_S).returncode:
            assert time.monotonic() < deadline
        agent.said("a new token is kept")
        (kept,) = state.iterdir()
        assert "rct_" in kept.read_text()
        assert token not in kept.read_text()
        assert agent.ended_by(signal.SIGTERM)[0] == 0
        assert "rct_" not in agent.stderr


def test_an_authority_that_can_not_be_read_is_told_and_ends_it_with_2(start, tmp_path):
    with start(READING_CORNER_RELAY__CA_FILE=str(tmp_path / "none.pem")) as agent:
        assert agent.ended() == 2
        assert "relay.ca_file" in agent.stderr


def test_settings_that_are_not_usable_are_told_and_end_it_with_2(start):
    with start(READING_CORNER_GRADE="9") as agent:
        assert agent.ended() == 2
        assert agent.told("STATUS=Settings not usable: ")
    assert re.search(r"^<3>.*grade: found '9'", agent.stderr)
    assert agent.stderr.count("\n") == 1
    assert "grade: found '9'" in agent.status


def test_a_bug_ends_it_with_1_and_a_traceback(start):
    with start("bug") as agent:
        assert agent.ended() == 1
    assert re.search(r"^<3>died of ZeroDivisionError", agent.stderr, re.MULTILINE)
    assert "in wait: return 1 / 0" in agent.stderr
