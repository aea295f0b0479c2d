"""The suite for a Pi, run where there is none: on a bare machine, and on a corner of sound server and mock pins."""

import json
import os
import pty
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.link.token import VARIABLE
from agent.relay.registry import Registry
from agent.session.effects import Scene
from hw_tests.results import FAILED, GOOD, INCOMPLETE, LEFT_OUT, NOT_CHECKED
from tests.sound.conftest import sound_server  # noqa: F401 - a fixture

HERE = Path(__file__).parents[2]
DEVICE = "corner-1"
RELAY = "import sys; from agent.relay.cli import main; sys.exit(main())"

SETTINGS = """
device_id = "corner-1"
[ring]
kind = "pwm_leds"
leds = 1
gpio_pins = [22, 23, 24]
[relay]
url = "{url}"
"""

FILES = {
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "proc/meminfo": "MemTotal: 1900000 kB\nMemAvailable: 1500000 kB\n",
    "proc/stat": "cpu  100 0 100 800 0 0 0 0 0 0\n",
    "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
    "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "51234\n",
    "sys/class/net/eth0/operstate": "up\n",
    "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "var/log/journal/0123/system.journal": "",
    "lgpio.py": "def gpiochip_open(): ...\n",
}


@pytest.fixture
def board(tmp_path):
    """A Pi 4 that is well, as far as its files say."""
    root = tmp_path / "board"
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


@pytest.fixture
def relay(tmp_path):
    """A relay of our own: its address, and the token it knows."""
    file = tmp_path / "tokens.sqlite"
    registry = Registry(file)
    token = registry.issue(DEVICE)
    registry.close()
    command = [sys.executable, "-c", RELAY, "serve", "--port", "0", "--tutor", "scripted", "--registry", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield process.stdout.readline().split()[-1], token
        process.terminate()


class Run:
    """What a run of the suite came to."""

    def __init__(self, done, file):
        self.status, self.shown = done.returncode, done.stdout + done.stderr
        told = json.loads(file.read_text()) if file.exists() else {"tests": [], "counts": {}, "about": {}}
        self.rows = {row["name"]: row for row in told["tests"]}
        self.counts, self.about = told["counts"], told["about"]

    def outcome(self, name):
        return self.rows[name]["outcome"]

    def named(self, outcome):
        return {name for name, row in self.rows.items() if row["outcome"] == outcome}

    def measured(self, name):
        return self.rows[name]["measured"]


@pytest.fixture
def suite(tmp_path):
    """Run the suite in a process of its own, with these arguments and environment."""

    def run(hardware, *arguments, root, stdin=subprocess.DEVNULL, **environ):
        file = tmp_path / "result.json"
        names = {"BARE_ROOT": str(root), "BARE_LOCK": f"hw {tmp_path}", "RIG_FAULTS": ""}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--hardware", f"tests.hw.{hardware}"]
        done = subprocess.run(
            [*command, "--result", str(file), *(arguments or ("hw_tests",))],
            cwd=HERE,
            env=os.environ | names | environ,
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=140,
        )
        return Run(done, file)

    return run


@pytest.fixture
def rig(suite, board, relay, tmp_path, sound_server):  # noqa: F811 - the fixture
    url, token = relay
    settings = tmp_path / "agent.toml"
    settings.write_text(SETTINGS.format(url=url))

    def run(*arguments, faults="", stdin=subprocess.DEVNULL):
        options = ("--settings", str(settings), *arguments)
        return suite("rig", *options, root=board, stdin=stdin, **{VARIABLE: token, "RIG_FAULTS": faults})

    return run


@contextmanager
def somebody_else_runs(name):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as lock:
        lock.bind(f"\0{name}")
        yield


def test_where_there_is_nothing_nothing_is_found_good(suite, tmp_path):
    run = suite("bare", root=tmp_path)
    assert run.status == INCOMPLETE
    assert run.named(NOT_CHECKED) == set(run.rows)
    assert len(run.rows) > 50
    assert all(row["why"] for row in run.rows.values())
    assert f"0 good, 0 failed, {len(run.rows)} not checked, 0 left out" in run.shown
    assert (
        "no USB microphone; no microphone is plugged in"
        in run.rows["microphone: it grants a rate and periods that we can use"]["why"]
    )
    assert {"board", "system", "agent", "date", "libraries"} <= set(run.about)


def test_only_one_run_at_a_time(suite, tmp_path):
    with somebody_else_runs(f"hw {tmp_path}"):
        run = suite("bare", root=tmp_path)
    assert (run.status, run.rows) == (pytest.ExitCode.USAGE_ERROR, {})
    assert "run already on this machine" in run.shown


def test_not_while_the_service_runs(suite, board):
    group = board / "sys/fs/cgroup/system.slice/reading-corner.service"
    group.mkdir(parents=True)
    (group / "cgroup.procs").write_text("812\n")
    run = suite("bare", root=board)
    assert (run.status, run.rows) == (pytest.ExitCode.USAGE_ERROR, {})
    assert "sudo systemctl stop reading-corner.service" in run.shown


def test_settings_that_are_wrong_are_told_in_a_line(suite, tmp_path):
    settings = tmp_path / "agent.toml"
    settings.write_text("[speaker]\nlevel_percent = 170\n")
    run = suite("bare", "--settings", str(settings), "hw_tests", root=tmp_path)
    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert "speaker.level_percent: found 170; expected" in run.shown


@pytest.mark.sound
@pytest.mark.long
@pytest.mark.timeout(150)
def test_a_corner_that_is_well_is_found_well(rig):
    run = rig("--minutes", "0.2", "hw_tests")
    # A busy machine has xruns that are nobody's fault; that they are counted is shown below.
    assert run.named(FAILED) <= {"endurance: no xruns"}, run.shown
    # To this machine itself there is no TLS, which is not the same as good TLS.
    assert run.named(NOT_CHECKED) == {"board: the relay is reached[TLS]"}, run.shown
    assert run.named(LEFT_OUT) == set(), run.shown
    assert run.status in (INCOMPLETE, pytest.ExitCode.TESTS_FAILED)
    assert run.about["board"] == "Raspberry Pi 4 Model B Rev 1.4"
    assert sum("scene is seen" in name for name in run.rows) == len(Scene)
    trip = run.measured("speaker: the microphone hears a tone in time")
    assert 0 < trip["of it queued ms"] <= 40
    assert trip["write to heard ms"] > trip["of it queued ms"]
    assert run.measured("button: two hundred presses are two hundred presses")["presses"] == 200
    print(run.shown)  # noqa: T201 - the figures, for `pytest -s`


@pytest.mark.sound
@pytest.mark.long
@pytest.mark.timeout(150)
def test_a_corner_that_is_not_well_is_not_found_well(rig):
    quick = "quiet_room or too_loud_for or hears_a_tone or held_it_back or listening or xruns"
    run = rig("hw_tests", "-k", quick, "--minutes", "0.03", faults="muted loud sagging blind slow")
    assert run.status == pytest.ExitCode.TESTS_FAILED
    failed = run.named(FAILED)
    assert {
        "microphone: a quiet room is quiet but not dead",
        "loudness: a voice is not too loud for a child",
        "speaker: the microphone hears a tone in time",
        "board: nothing has held it back since its start",
        "ring: the scene is seen[listening]",
        "endurance: no xruns",
    } <= failed
    assert run.measured("endurance: no xruns")["underruns"] > 0
    assert "muted" in run.rows["microphone: a quiet room is quiet but not dead"]["why"]


@pytest.mark.sound
@pytest.mark.long
@pytest.mark.timeout(150)
def test_a_worn_button_is_found_out(rig):
    run = rig("hw_tests/test_button.py", faults="worn")
    why = run.rows["button: two hundred presses are two hundred presses"]
    assert why["outcome"] == FAILED
    assert "chatters" in why["why"]


@pytest.mark.sound
def test_who_wants_no_questions_is_told_what_was_left_out(rig):
    run = rig("--yes", "hw_tests", "-k", "ring or button or replug or voice", faults="nobody")
    rings_own = {name for name in run.rows if name.startswith("ring: ") and "scene is seen" not in name}
    assert run.named(GOOD) == rings_own
    assert run.named(LEFT_OUT) == set(run.rows) - rings_own
    assert run.status == 0
    assert f"{len(run.rows) - len(rings_own)} left out on purpose" in run.shown
    assert "--yes: nobody was asked" in run.shown


@pytest.mark.sound
def test_a_person_at_a_terminal_is_asked(rig):
    ours, theirs = pty.openpty()
    os.write(ours, b"y\nn\nwhat?\ns\n")  # who types ahead is read later
    run = rig("hw_tests/test_ring.py", "-k", "connecting or ready or later", faults="nobody", stdin=theirs)
    for descriptor in (ours, theirs):
        os.close(descriptor)
    assert run.named(GOOD) == {"ring: the scene is seen[connecting]", "ring: the scene is seen[later]"}
    assert run.rows["ring: the scene is seen[ready]"]["why"].startswith("not seen: green")
    assert run.shown.count("? [y/n] ") == 4


@pytest.mark.sound
def test_without_a_terminal_questions_are_not_checked(rig):
    run = rig("hw_tests/test_ring.py", faults="nobody")
    assert run.status == INCOMPLETE
    assert run.rows["ring: the scene is seen[ready]"]["why"] == "there is no terminal to ask a person on"
