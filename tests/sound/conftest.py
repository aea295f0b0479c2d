"""Fixtures of the rig: real ALSA on a sound server of our own."""

import shutil
import time
from contextlib import contextmanager

import pytest

from tests.sound.server import NONE, pause, private_server


@contextmanager
def running_server():
    """A sound server of our own; no test where there is none to start."""
    if shutil.which("pulseaudio") is None:
        pytest.skip(NONE)
    with private_server() as server:
        yield server


@pytest.fixture(scope="session")
def sound_server():
    with running_server() as server:
        yield server


@pytest.fixture
def mortal_server(sound_server):
    """One more, for a test that ends it; the first one is found again afterwards."""
    with running_server() as server:
        yield server


@pytest.fixture
def clock():
    return time.monotonic


@pytest.fixture
def sleep():
    return pause
