"""
The board: can it carry a conversation, all day, in its case, on its supply and its network.

Wiring. As the corner will be: the supply, the case and the network it will have, not those of a desk.

Safety. Nothing sounds, nothing is recorded. A session is opened at the relay with the device's own token and closed
again: nothing is said in it. The token is neither shown nor kept.

Before. Let it run for half an hour in its place, so that it is as warm as it will be. `reading-corner` is stopped.

If it fails. Each line says what to do. Under-voltage is the most common of all faults of a Pi: the supply, then the
cable. Most of these are the checks of `reading-corner check`; a warning there is a failure here, for whoever runs this
is there to put it right.
"""

import asyncio
import os

import pytest

from agent.check import board, far, system
from agent.check.verdicts import Verdict
from hw_tests.board import hindrances, is_pi, ticks
from hw_tests.person import lacking

LOOKED_FOR_S = 3
MOST_BUSY_PERCENT = 50
"""Of all cores, without the agent: it must always find a free one."""


@pytest.fixture
def pi(corner):
    if not is_pi(corner.root):
        raise lacking("this is no Raspberry Pi")
    return corner


@pytest.fixture(scope="module")
def once():
    """What was found at the first look: some of it takes seconds."""
    return {}


def judge(name, checks, measured):
    """Turn a line of `reading-corner check` into a test."""
    check = next(check for check in checks if check.name == name)
    if check.verdict is Verdict.NOT_CHECKED:
        raise lacking(check.found)
    if check.verdict is not Verdict.OK:
        pytest.fail(f"{check.found}: {check.what_to_do}", pytrace=False)
    measured("found", check.found)


@pytest.mark.parametrize("name", board.NAMES)
def test_the_board_is_fit(pi, once, measured, name):
    if "board" not in once:
        once["board"] = tuple(board.checks(pi.root))
    judge(name, once["board"], measured)


@pytest.mark.parametrize("name", system.NAMES)
def test_the_system_is_fit(pi, once, measured, name):
    if "system" not in once:
        once["system"] = tuple(system.checks(pi.root, pi.run, pi.lgpio))
    judge(name, once["system"], measured)


@pytest.mark.parametrize("name", far.NAMES)
def test_the_relay_is_reached(corner, once, measured, clock, name):
    if not corner.settings.relay.url:
        raise lacking("relay.url is not set")
    if "far" not in once:
        once["far"] = asyncio.run(far.checks(corner.settings, os.environ, clock, corner.root))
    judge(name, once["far"], measured)


def test_nothing_has_held_it_back_since_its_start(pi, measured):
    told = hindrances(pi.run)
    if told is None:
        raise lacking("vcgencmd does not say: sudo usermod -aG video for who runs this")
    now, before = told
    measured("now", ", ".join(sorted(now)) or "nothing")
    measured("since the start", ", ".join(sorted(before)) or "nothing")
    assert not now | before, "the supply made for this board, a shorter cable, or cooling; restart, and test again"


def test_it_has_nothing_else_to_do(pi, measured, sleep):
    worked, passed = ticks(pi.root)
    sleep(LOOKED_FOR_S)
    worked_then, passed_then = ticks(pi.root)
    busy = 100 * (worked_then - worked) / max(1, passed_then - passed)
    measured("busy %", busy)
    assert busy < MOST_BUSY_PERCENT, "too busy: what else runs here?"
