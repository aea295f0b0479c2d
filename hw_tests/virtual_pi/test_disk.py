"""The disk is full: of something else, to the last byte."""

import pytest

from agent.journal.lines import Line
from hw_tests.virtual_pi.corner import START_S
from hw_tests.virtual_pi.journal import MINUTE

FILLER = "/var/filler"

TOLD_S = 3 * MINUTE
"""The board is looked at once a minute."""


@pytest.fixture
def full(there):
    mark = there.journal.mark()
    # First all that there is in one piece, then what is left, block by block.
    fill = f"fallocate -l $(df --output=avail -B1 / | tail -1) {FILLER} || true; dd if=/dev/zero of={FILLER}.rest bs=4k"
    there.pi.ssh(f"{{ {fill}; }} 2>/dev/null || true; sync")
    assert there.pi.ssh("df --output=avail / | tail -1").strip() == "0"
    yield mark
    there.pi.ssh(f"rm -f {FILLER} {FILLER}.rest")


def test_a_full_disk_is_told_and_keeps_nobody_from_talking_or_from_starting(there, full):
    told = there.journal.until(Line.DISK_FULL, full, TOLD_S)
    assert told["PRIORITY"] == "3"
    there.teaches()

    anew = there.journal.mark()
    there.pi.ssh("systemctl restart --no-block reading-corner")
    there.journal.until(Line.READY, anew, START_S)
    there.teaches(since=anew)

    there.pi.ssh(f"rm {FILLER} {FILLER}.rest")
    there.journal.until(Line.BOARD_WELL, anew, TOLD_S, name="disk")
    there.teaches()
