"""What the files of a Raspberry Pi say, and that a file which says nothing makes nothing up."""

import os
from pathlib import Path

import pytest

from agent.board.readings import Disk, clock_synchronised, disk, memory, own_memory_mb, temperature_c, undervoltage
from agent.board.wifi import links
from tests.check.tree import tree

STATUS = "Name:\treading-corner\nVmHWM:\t   90000 kB\nVmRSS:\t   50000 kB\nVmSwap:\t   10000 kB\nThreads:\t5\n"


def test_what_was_swapped_out_is_still_the_agents_own(tmp_path):
    assert own_memory_mb(tree(tmp_path, {"proc/self/status": STATUS})) == pytest.approx(61.44)


def test_this_process_has_a_size():
    assert 10 < own_memory_mb(Path("/")) < 2000


@pytest.mark.parametrize("told", ["", "VmRSS: 50000 kB\n", "VmRSS:\nVmSwap: many kB\n"])
def test_half_an_answer_is_none(tmp_path, told):
    assert own_memory_mb(tree(tmp_path, {"proc/self/status": told})) is None


def test_the_clock_is_synchronised_once_timesyncd_says_so(tmp_path):
    assert clock_synchronised(tmp_path) is None
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    assert clock_synchronised(tmp_path) is False
    assert clock_synchronised(tree(tmp_path, {"run/systemd/timesync/synchronized": ""})) is True


def test_the_supply_is_found_among_other_sensors(tmp_path):
    sensors = {"sys/class/hwmon/hwmon0/name": "cpu_thermal\n", "sys/class/hwmon/hwmon3/name": "rpi_volt\n"}
    assert undervoltage(tree(tmp_path, sensors)) is None
    assert undervoltage(tree(tmp_path, {"sys/class/hwmon/hwmon3/in0_lcrit_alarm": "1\n"})) is True


def test_only_the_processors_temperature_counts(tmp_path):
    other = {"sys/class/thermal/thermal_zone0/type": "wifi\n", "sys/class/thermal/thermal_zone0/temp": "90000\n"}
    assert temperature_c(tree(tmp_path, other)) is None
    ours = {"sys/class/thermal/thermal_zone1/type": "cpu-thermal\n", "sys/class/thermal/thermal_zone1/temp": "-500\n"}
    assert temperature_c(tree(tmp_path, ours)) == -0.5


def test_memory_is_told_whole_or_not_at_all(tmp_path):
    assert memory(tree(tmp_path, {"proc/meminfo": "MemTotal: 400000 kB\n"})) is None


def test_a_disk_is_told_by_what_this_user_may_have(tmp_path):
    told = os.statvfs_result((4096, 4096, 10**7, 500_000, 250_000, 0, 0, 0, os.ST_RDONLY, 255))
    assert disk(tmp_path, lambda _: told) == Disk(free_mb=1024, is_read_only=True)
    assert disk(tmp_path / "gone") is None


@pytest.mark.parametrize(
    "reading", [clock_synchronised, disk, links, memory, own_memory_mb, temperature_c, undervoltage]
)
def test_what_can_not_even_be_looked_for_is_not_known(reading):
    assert reading(Path("/") / (256 * "x")) is None  # ENAMETOOLONG, as EACCES or EIO would be for whoever is not root
