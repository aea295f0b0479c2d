"""Options, fixtures and the report of the tests for a Pi; what is tested comes from the agent's own settings."""

from __future__ import annotations

import importlib
import os
import platform
import socket
import sys
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from agent import __version__
from agent.devices.wake import EventWake
from agent.errors import AgentError, DeviceMissing
from agent.settings_sources import load
from hw_tests import board
from hw_tests.person import LeftOut, Nobody, Somebody, lacking, left_out
from hw_tests.results import FAILED, GOOD, LEFT_OUT, NOT_CHECKED, Results, Row

pytest.register_assert_rewrite("tests.contracts")

CORNER = pytest.StashKey()
RESULTS = pytest.StashKey()
LOCK = pytest.StashKey()

PACKAGES = ("numpy", "pyalsaaudio", "gpiozero", "lgpio", "spidev", "soxr", "websockets")


def pytest_addoption(parser):
    group = parser.getgroup("reading corner")
    group.addoption("--yes", action="store_true", help="ask nobody: what needs a person is left out, and told so")
    group.addoption("--minutes", type=float, default=10.0, help="length of the endurance test (default: 10)")
    group.addoption("--settings", type=Path, metavar="FILE", help="the agent's settings (default: as the agent's)")
    group.addoption(
        "--result", type=Path, default=Path("hw-result.json"), metavar="FILE", help="default: hw-result.json"
    )
    group.addoption(
        "--hardware", default="hw_tests.corner", metavar="MODULE", help="whose Corner is tested (to test these tests)"
    )


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            # What a library of some other version warns of is no fault of the corner.
            item.add_marker(pytest.mark.filterwarnings("default"))


def pytest_sessionstart(session):
    config = session.config
    if not os.access(config.getoption("--result").absolute().parent, os.W_OK):
        raise pytest.UsageError(f"--result: {config.getoption('--result')} is in no folder that can be written to")
    try:
        settings = load(config.getoption("--settings"), os.environ)
        corner = importlib.import_module(config.getoption("--hardware")).Corner(settings, _person(config))
    except (AgentError, ImportError) as trouble:
        raise pytest.UsageError(str(trouble)) from None
    config.stash[CORNER] = corner
    config.stash[RESULTS] = Results(_about(corner))
    if config.option.collectonly:
        return
    config.stash[LOCK] = _locked(corner.lock)
    if why := corner.refusal():
        raise pytest.UsageError(why)


def _locked(name):
    """Bind a name that the kernel gives to one at a time, and takes back however its holder ends."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        lock.bind(f"\0{name}")
    except OSError:
        lock.close()
        raise pytest.UsageError("these tests run already on this machine: wait for them to end") from None
    return lock


def _person(config):
    if config.getoption("--yes"):
        return Nobody(left_out("--yes: nobody was asked"))
    capture = config.pluginmanager.getplugin("capturemanager")

    @contextmanager
    def terminal():
        capture.suspend_global_capture(in_=True)  # pytest keeps the keyboard for itself as well
        try:
            yield
        finally:
            capture.resume_global_capture()

    def ask(text):
        with terminal():
            return input(f"\n{text}")

    def tell(text):
        with terminal():
            sys.stdout.write(f"\n{text}\n")
            sys.stdout.flush()

    with terminal():
        is_there = sys.stdin.isatty()
    return Somebody(ask, tell) if is_there else Nobody(lacking("there is no terminal to ask a person on"))


def _about(corner):
    software = {name: _version(name) for name in PACKAGES}
    return {
        "board": board.model(corner.root) or f"no Raspberry Pi ({platform.machine()})",
        "system": _system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "agent": __version__,
        "device": corner.settings.device_id,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "libraries": " ".join(f"{name} {known}" for name, known in software.items()),
    }


def _system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "unknown"


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    rows = item.config.stash[RESULTS].rows
    if report.failed or report.skipped or report.when == "call":
        if rows and rows[-1].name == _name(item.nodeid):  # what fails after a test fails it, but its own reason counts
            if rows[-1].outcome == FAILED:
                return report
            rows.pop()
        rows.append(_row(item, report, call))
    return report


def _row(item, report, call):
    name, measured = _name(item.nodeid), dict(item.user_properties)
    if report.passed:
        return Row(name, GOOD, "", measured)
    why = str(call.excinfo.value).strip().partition("\n")[0]
    if report.failed:
        return Row(name, FAILED, why or call.excinfo.typename, measured)
    return Row(name, LEFT_OUT if isinstance(call.excinfo.value, LeftOut) else NOT_CHECKED, why, measured)


def _name(nodeid):
    """As "ring: the scene is seen [ready]"."""
    file, *_, test = nodeid.split("::")
    return f"{Path(file).stem.removeprefix('test_')}: {test.removeprefix('test_').replace('_', ' ')}"


def pytest_sessionfinish(session, exitstatus):
    results = session.config.stash.get(RESULTS, None)
    if results is None or session.config.stash.get(LOCK, None) is None or session.config.option.collectonly:
        return
    results.about.update(session.config.stash[CORNER].found)
    session.exitstatus = results.status(int(exitstatus))
    if results.rows:
        session.config.getoption("--result").write_text(results.as_json())


def pytest_terminal_summary(terminalreporter, config):
    results = config.stash.get(RESULTS, None)
    if results is None or not results.rows:
        return
    terminalreporter.section("reading corner")
    for line in results.lines():
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"kept in {config.getoption('--result')}")


def pytest_unconfigure(config):
    if (lock := config.stash.get(LOCK, None)) is not None:
        lock.close()


@pytest.fixture
def corner(request):
    return request.config.stash[CORNER]


@pytest.fixture
def person(corner):
    return corner.person


@pytest.fixture
def minutes(request):
    return request.config.getoption("--minutes")


@pytest.fixture
def measured(request):
    """Keep a figure for the report: `measured("round trip ms", 41.2)`."""
    return lambda name, value: request.node.user_properties.append((name, value))


@pytest.fixture
def clock():
    return time.monotonic


@pytest.fixture
def sleep():
    return time.sleep


@pytest.fixture
def wake():
    with closing(EventWake()) as wake:
        yield wake


@pytest.fixture
def microphone(corner):
    with closing(_plugged_in(corner.microphone)) as microphone:
        yield microphone


@pytest.fixture
def speaker(corner):
    with closing(_plugged_in(corner.speaker)) as speaker:
        yield speaker


def _plugged_in(open_it):
    try:
        return open_it()
    except DeviceMissing as missing:
        raise lacking(str(missing)) from None
