"""The board as the service samples it."""

import asyncio
import threading

from agent.health.board import Board
from tests.check.test_board import HEALTHY
from tests.check.tree import tree
from tests.health.well import nothing_known

STATUS = "VmRSS:\t   50000 kB\nVmSwap:\t   10000 kB\n"
WIFI = {f"sys/class/net/wlan{n}/{file}": "up\n" for n in (0, 1) for file in ("phy80211/index", "operstate")}


def test_a_pi_tells_everything_that_files_tell(tmp_path):
    files = HEALTHY | {"proc/self/status": STATUS, "run/systemd/timesync/synchronized": ""}
    sample = Board(tmp_path, tree(tmp_path, files)).read()
    assert (sample.temperature_c, sample.undervoltage, sample.clock_synchronised) == (52.6, False, True)
    assert (sample.own_memory_mb, sample.free_memory_mb, sample.wifi_power_save) == (61.4, 3539, None)
    assert sample.free_disk_mb > 0
    assert sample.disk_read_only is False


def test_a_machine_that_tells_nothing_is_all_unknown(tmp_path):
    assert Board(tmp_path / "gone", tmp_path / "gone").read() == nothing_known()


def test_wifi_that_saves_power_is_part_of_the_samples_once_it_was_asked(tmp_path):
    said = {"wlan0": "Power save: off", "wlan1": "Power save: on"}
    asked_on = set()

    def iw(command):
        asked_on.add(threading.current_thread())
        return said[command[2]]

    board = Board(tmp_path, tree(tmp_path, WIFI), iw)
    answers = []
    for said["wlan1"] in ("Power save: on", "Power save: off", None):
        asyncio.run(board.ask_wifi())
        answers.append(board.read().wifi_power_save)
    assert answers == [True, False, None]
    assert threading.main_thread() not in asked_on


def test_without_wifi_nobody_is_asked(tmp_path):
    board = Board(tmp_path, tmp_path, lambda _: "Power save: on")
    asyncio.run(board.ask_wifi())
    assert board.read().wifi_power_save is None
