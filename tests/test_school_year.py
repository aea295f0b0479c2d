"""
A school year of the whole agent on jumping time: never stuck, no memory lost, a journal that stays small.

`pytest -m long tests/test_school_year.py` is the year itself; what runs by default is a slice of it. A failure names
the command that lives its day again, and tells the story before it.
"""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from agent.session.table import State
from tests.school_year.dozing import dozing
from tests.school_year.faults import HOUR, KINDS
from tests.school_year.journal_size import FIRST_US, JournalSize, LinesOnDisk, stored_with
from tests.school_year.year import DAYS, Load, Year, figures_of, lived

pytestmark = pytest.mark.usefixtures("heap_set_aside")

SEED = int(os.environ.get("READING_CORNER_YEAR_SEED", "1"))

MB = 1_000_000
MONTH_SCHOOL_DAYS, MONTH_IDLE_DAYS = 22, 8
HOURS_OF_A_MONTH = 24 * 30

ORDINARY = Load(turns=40, faults=3, kinds=("cut_at_a_byte", "planned_close", "unplanned_close"), doubles=0.0)
"""A day as most are: forty turns, a few drops of the link."""

TAIL_OBJECT, OBJECT_SIZE = 136, 8
"""Where a journal file's header has the place of its last object, and an object its size (systemd's journal-def.h)."""

BLOCKS = 1000
"""Of Python's small-object allocator, that weeks may add: an odd cache. One object a turn would be 1700 in half a year,
one a minute 200 000."""

WRITER = Path("/lib/systemd/systemd-journal-remote")


def _day(number):
    """The journal's lines of an ordinary day."""
    lines = []
    lived(SEED, number, 1, load=ORDINARY, send=lambda message, fields: lines.append((message, fields)))
    return lines


@pytest.fixture(scope="module")
def school_day():
    return _day(0)


@pytest.fixture(scope="module")
def idle_day():
    return _day(5)


@pytest.mark.timeout(120)
def test_each_kind_of_fault_ends_in_a_corner_that_answers():
    async def all_of_them():
        year = Year(SEED)

        async def script():
            await year.corner.until(State.READY, within=60)
            for kind in KINDS:
                await year.fault(kind)

        await year.corner.live(script())
        return year.figures

    assert dozing(all_of_them()).probes == len(KINDS)


@pytest.mark.timeout(120)
def test_a_week_of_random_faults_leaves_nothing_stuck():
    figures = lived(SEED, days=7, load=Load(turns=3, faults=2, utterance_s=(1.0, 2.0))).figures
    assert (figures.days, figures.school_days) == (7, 5)


@pytest.mark.timeout(120)
@pytest.mark.long  # three runs of ten differed by a tenth of a second in one note; why is not known yet
def test_the_same_seed_lives_the_same_day():
    def story(_):
        year = lived(SEED, days=1, load=Load(turns=1, faults=2))
        return [(note.at, note.kind, note.facts) for note in year.corner.story]

    assert story(1) == story(2)


@pytest.mark.timeout(120)
def test_a_month_of_ordinary_use_fits_into_two_megabytes_of_journal(school_day, idle_day):
    month = _cost(school_day) * MONTH_SCHOOL_DAYS + _cost(idle_day) * MONTH_IDLE_DAYS
    assert len(school_day) > ORDINARY.turns, "each turn has its line"
    assert month < 2 * MB, (
        f"{month / MB:.1f} MB: {len(school_day)} lines on a school day, {len(idle_day)} on an idle one"
    )


def test_a_link_that_flaps_day_and_night_for_a_month_fills_no_disk():
    size = JournalSize()
    first, second = dozing(_flapping(size))
    assert (second - first) * HOURS_OF_A_MONTH < 8 * MB, f"{(second - first) / MB:.3f} MB in an hour"


async def _flapping(size):
    """The bytes of the journal after one hour and after two."""
    year, after = Year(SEED, send=size.send), []
    corner, chance = year.corner, year.chance

    async def script():
        for hour in (1, 2):
            while corner.clock() < hour * HOUR:
                await asyncio.sleep(chance.uniform(5, 30))
                await corner.relay.close(1011)
            after.append(size.bytes)

    await corner.live(script())
    return after


@pytest.mark.skipif(not WRITER.exists(), reason="needs the Debian package systemd-journal-remote")
def test_what_lines_cost_is_what_systemd_s_own_tool_writes(school_day, tmp_path):
    real = _written(school_day, tmp_path) - _written(school_day[:1], tmp_path)
    assert real == _cost(school_day) - _cost(school_day[:1])


def _cost(lines):
    size = JournalSize()
    for message, fields in lines:
        size.send(message, fields)
    return size.bytes


def _written(lines, folder):
    """Bytes up to the end of the last object in a journal file of these lines."""
    file = folder / f"{len(lines)}.journal"
    subprocess.run(
        [WRITER, "-o", file, "-"],
        input="".join(_exported(number, *line) for number, line in enumerate(lines, 1)).encode(),
        env={"SYSTEMD_JOURNAL_COMPACT": "1"},
        capture_output=True,
        check=True,
    )
    content = file.read_bytes()
    tail = struct.unpack_from("<Q", content, TAIL_OBJECT)[0]
    return tail + (struct.unpack_from("<Q", content, tail + OBJECT_SIZE)[0] + 7) // 8 * 8


def _exported(number, message, fields):
    """The line in systemd's Journal Export Format."""
    stored = stored_with(message, fields, number)
    head = f"__REALTIME_TIMESTAMP={FIRST_US + number}\n__MONOTONIC_TIMESTAMP={number}\n"
    return head + "".join(f"{name}={value}\n" for name, value in stored.items()) + "\n"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_school_year_leaves_nothing_stuck_and_nothing_behind():
    year = lived(SEED, days=DAYS)
    sys.stdout.write(f"\n{figures_of(year)}")
    assert year.figures.school_days == 180
    assert year.figures.faults.keys() == set(KINDS)
    assert not _grown(year.figures, slice(DAYS // 2, DAYS // 2 + 7))


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_month_without_a_restart_leaves_nothing_behind_but_a_small_journal():
    with tempfile.TemporaryFile("w+") as file:
        lines = LinesOnDisk(file)
        year = lived(SEED, days=MONTH_SCHOOL_DAYS + MONTH_IDLE_DAYS, load=ORDINARY, nights=False, send=lines.send)
        size = lines.size()
    sys.stdout.write(f"\n{figures_of(year)}journal: {size.entries} lines, {size.bytes / MB:.2f} MB\n")
    assert (year.figures.school_days, year.corner.boots) == (MONTH_SCHOOL_DAYS, 1)
    assert size.bytes < 2 * MB
    assert not _grown(year.figures, slice(7, 14))


def _grown(figures, before):
    """What is more in the last week than in the week before that is named."""
    grown = {
        "blocks": min(figures.blocks[-7:]) - max(figures.blocks[before]),
        "bytes": min(figures.resident[-7:]) - max(figures.resident[before]),
    }
    most = {"blocks": BLOCKS, "bytes": MB}
    return {what: more for what, more in grown.items() if more > most[what]}
