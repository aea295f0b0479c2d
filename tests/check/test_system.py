"""What runs on the board, told by trees of files and the answers of tools."""

import pytest

from agent.check.system import NAMES, checks, tool
from tests.check.tree import only, tree, verdicts

WIFI = {"sys/class/net/wlan0/phy80211/index": "0\n", "sys/class/net/wlan0/operstate": "up\n"}
IN_MEMORY = {"run/log/journal/7c/system.journal": "", "var/log/journal/7c/system.journal": "from before"}

HEALTHY = {
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n',
    "lgpio.py": "def gpiochip_open(gpiochip):\n",
    "run/systemd/timesync/synchronized": "",
    "var/log/journal/7c/system.journal": "",
    "sys/class/net/eth0/operstate": "up\n",
}


def tools(**answers):
    """Tools that are installed, and what they print."""
    return lambda command: answers.get(command[0])


NO_TOOLS = tools()


def found(root, files=None, run=NO_TOOLS, without=()):
    tree(root, HEALTHY | (files or {}))
    for path in without:
        (root / path).unlink()
    return tuple(checks(root, run, root / "lgpio.py"))


def test_a_healthy_system(tmp_path):
    healthy = found(tmp_path)
    assert verdicts(healthy) == dict.fromkeys(NAMES, "ok")
    assert only(healthy, "system").found.startswith("Debian GNU/Linux 13 (trixie), Python 3.")


def test_a_system_that_was_never_tried_is_a_warning(tmp_path):
    other = {"etc/os-release": 'PRETTY_NAME="Ubuntu 24.04"\nID=ubuntu\nVERSION_ID="24.04"\n'}
    assert only(found(tmp_path, other), "system").verdict.value == "warning"


def test_the_empty_lgpio_that_pip_takes_is_found_out(tmp_path):
    check = only(found(tmp_path, {"lgpio.py": ""}), "lgpio")
    assert check.verdict.value == "failed"
    assert "0.0.0.2" in check.found


def test_no_lgpio_at_all_is_a_failure_or_unknown_but_never_good(tmp_path):
    assert only(found(tmp_path, without=["lgpio.py"]), "lgpio").verdict.value == "not checked"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("Power save: on", "warning"), ("Power save: off", "ok"), (None, "not checked"), ("?", "not checked")],
)
def test_wifi_that_saves_power_is_slow(tmp_path, said, verdict):
    check = only(found(tmp_path, WIFI, tools(iw=said)), "wifi power save")
    assert check.verdict.value == verdict
    assert "wlan0" in check.found


def test_wifi_that_is_not_connected_does_not_matter(tmp_path):
    down = WIFI | {"sys/class/net/wlan0/operstate": "down\n"}
    assert only(found(tmp_path, down, tools(iw="Power save: on")), "wifi power save").verdict.value == "ok"


@pytest.mark.parametrize(("said", "verdict"), [("yes", "ok"), ("no", "warning"), (None, "not checked")])
def test_a_clock_without_timesyncd_is_asked_of_timedatectl(tmp_path, said, verdict):
    checked = found(tmp_path, None, tools(timedatectl=said), without=["run/systemd/timesync/synchronized"])
    assert only(checked, "clock").verdict.value == verdict


def test_the_folder_in_place_of_the_saved_time_is_found(tmp_path):
    (tmp_path / "var/lib/systemd/timesync/clock").mkdir(parents=True)
    check = only(found(tmp_path), "clock")
    assert check.verdict.value == "warning"
    assert "sudo rm -r" in check.what_to_do


def test_a_journal_in_memory_is_a_warning_unless_somebody_wanted_it(tmp_path):
    assert only(found(tmp_path, IN_MEMORY), "journal").verdict.value == "warning"
    chosen = {"etc/systemd/journald.conf.d/99-reading-corner.conf": "[Journal]\nStorage=volatile\n"}
    assert only(found(tmp_path, IN_MEMORY | chosen), "journal").verdict.value == "ok"


def test_what_no_file_and_no_tool_tells_is_not_checked(tmp_path):
    assert verdicts(checks(tmp_path / "gone", NO_TOOLS, tmp_path / "lgpio.py")) == dict.fromkeys(NAMES, "not checked")


def test_a_tool_that_is_missing_or_fails_says_nothing():
    assert tool(["no-such-tool"]) is None
    assert tool(["false"]) is None
    assert tool(["echo", "Power save: off"]) == "Power save: off"
