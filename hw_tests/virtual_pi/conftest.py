"""One machine for all that does not need its own, and the report: figures and how busy this host was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hw_tests.virtual_pi import places
from hw_tests.virtual_pi.build import build
from hw_tests.virtual_pi.corner import corner
from hw_tests.virtual_pi.host import Trouble

FIGURES = pytest.StashKey()


def pytest_configure(config):
    config.stash[FIGURES] = []


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.virtual_pi)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and FIGURES in item.config.stash:
        figures = ", ".join(f"{name} {value}" for name, value in item.user_properties)
        line = f"{report.outcome} {report.duration:4.0f} s, load {os.getloadavg()[0]:.1f}: {item.name}"
        item.config.stash[FIGURES].append(f"{line}: {figures}" if figures else line)
    return report


def pytest_terminal_summary(terminalreporter, config):
    if config.stash.get(FIGURES, None):
        terminalreporter.section("virtual Pi")
        for line in config.stash[FIGURES]:
            terminalreporter.write_line(line)


@pytest.fixture
def measured(request):
    """Keep a figure for the report: `measured("round trip ms", 41.2)`."""
    return lambda name, value: request.node.user_properties.append((name, value))


@pytest.fixture(scope="session")
def built():
    try:
        return build(print)
    except Trouble as trouble:
        pytest.exit(str(trouble), returncode=2)


@pytest.fixture(scope="session")
def provisioned(built):
    """A machine that teaches; started once, since that takes a minute or two."""
    with corner(built, places.acceptance()) as there:
        there.connect()
        there.teaches(since=there.provision())
        yield there


@pytest.fixture
def there(provisioned):
    """The same, with its button up and its own processes only, whatever the test before did."""
    yield provisioned
    provisioned.pi.release()
