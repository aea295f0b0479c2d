"""What the kernel of a Pi tells of its board; what it does not tell is not checked."""

import os

import pytest

from agent.check.board import NAMES, checks
from tests.check.tree import only, tree, verdicts

HEALTHY = {
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0",
    "sys/class/hwmon/hwmon0/name": "cpu_thermal\n",
    "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
    "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "52582\n",
    "proc/meminfo": "MemTotal:        3884512 kB\nMemFree: 1 kB\nMemAvailable:    3456789 kB\n",
}


def disk(free_mb=5000, flags=0):
    blocks = free_mb * 10**6 // 4096 + 1
    return lambda _: os.statvfs_result((4096, 4096, 10**7, blocks, blocks, 0, 0, 0, flags, 255))


def found(root, files, statvfs=None):
    return tuple(checks(tree(root, HEALTHY | files), statvfs or disk()))


def test_a_healthy_board_is_told_by_its_numbers(tmp_path):
    healthy = found(tmp_path, {})
    assert verdicts(healthy) == dict.fromkeys(NAMES, "ok")
    assert [check.found for check in healthy] == [
        "Raspberry Pi 4 Model B Rev 1.5",
        "no under-voltage now",
        "53 °C",
        "3539 of 3977 MB available",
        "5000 MB free",
    ]


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("power", {"sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"}),
        ("temperature", {"sys/class/thermal/thermal_zone0/temp": "80000\n"}),
        ("memory", {"proc/meminfo": "MemTotal: 400000 kB\nMemAvailable: 97000 kB\n"}),
    ],
)
def test_what_will_not_go_well_for_long_is_a_warning(tmp_path, name, files):
    assert only(found(tmp_path, files), name).verdict.value == "warning"


@pytest.mark.parametrize(("statvfs", "word"), [(disk(free_mb=499), "499 MB"), (disk(flags=os.ST_RDONLY), "read-only")])
def test_a_disk_that_takes_nothing_more_is_a_warning(tmp_path, statvfs, word):
    check = only(found(tmp_path, {}, statvfs), "disk")
    assert check.verdict.value == "warning"
    assert word in check.found


def test_what_no_file_tells_is_not_checked(tmp_path):
    assert verdicts(checks(tmp_path / "gone")) == dict.fromkeys(NAMES, "not checked")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("power", "sys/class/hwmon/hwmon1/in0_lcrit_alarm"),
        ("temperature", "sys/class/thermal/thermal_zone0/temp"),
        ("memory", "proc/meminfo"),
    ],
)
def test_a_file_that_says_nothing_is_no_good_news(tmp_path, name, file):
    assert only(found(tmp_path, {file: "\n"}), name).verdict.value == "not checked"
