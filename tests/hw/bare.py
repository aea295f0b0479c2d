"""A board with nothing on it, wherever these tests run: `pytest hw_tests --hardware tests.hw.bare`."""

import os
from pathlib import Path

from hw_tests import corner


class Corner(corner.Corner):
    lock = os.environ["BARE_LOCK"]

    def __init__(self, settings, person):
        super().__init__(settings, person, Path(os.environ["BARE_ROOT"]), lambda command: None)
