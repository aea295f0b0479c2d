"""The device as the release program touches it: with real programs, a real journal's socket and the real unit file."""

import re
import socket
import sys
from pathlib import Path

from reading_corner_release.activation import RERUN_S, UNIT, carry_out
from reading_corner_release.machine import BASE, Machine
from reading_corner_release.plan import WAY_BACK, Say
from reading_corner_release.trial import STABLE_S

from tests.systemd.shipped import UNIT_FILE, run, said, tool

FILES = Path(__file__).parents[2] / "provisioning/roles/reading_corner/files"
RECOVER = FILES / "reading-corner-recover.service"


class Quiet(Machine):
    """Does not wait for the disk of the machine that tests it."""

    def fsync(self, path):
        pass


def test_journald_gets_the_line_with_its_fields(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journald:
        journald.bind(str(tmp_path / "socket"))
        carry_out(Quiet(tmp_path, tmp_path / "socket"), [Say("release_rolled_back", "2.0", "it does not start")])
        fields = dict(line.split("=", 1) for line in journald.recv(4096).decode().splitlines())
    assert fields["MESSAGE"] == "release 2.0 is given up: it does not start"
    assert (fields["AGENT_VERSION"], fields["AGENT_WHY"], fields["PRIORITY"]) == ("2.0", "it does not start", "4")
    assert (fields["OBJECT_SYSTEMD_UNIT"], fields["SYSLOG_IDENTIFIER"]) == (UNIT, "reading-corner")


def test_a_device_without_a_journal_goes_on(tmp_path, capsys):
    carry_out(Quiet(tmp_path, tmp_path / "socket"), [Say("release_installed", "2.0")])
    assert "2.0" in capsys.readouterr().err


def test_a_program_says_what_it_found_or_why_not(tmp_path):
    machine = Machine(tmp_path)
    assert machine.run(sys.executable, "-c", "print('found')", within=20) == (0, "found\n")
    status, why = machine.run(sys.executable, "-c", "import sys; sys.exit('why not')", within=20)
    assert (status, why) == (1, "why not\n")


def test_a_program_that_is_not_there_or_does_not_end_has_failed(tmp_path):
    machine = Machine(tmp_path)
    assert machine.run(tmp_path / "absent", within=20)[0]
    assert machine.run("sleep", "20", within=0.01)[0]


def test_the_device_looks_for_a_way_back_before_its_service_starts():
    unit = said(RECOVER)
    program = re.search(r"Goes to (\S+)", (FILES / "reading-corner-release").read_text("utf-8"))[1]
    assert unit["Before"] == [UNIT]
    assert unit["ConditionPathIsSymbolicLink"] == [str(BASE / WAY_BACK)]
    assert unit["ExecStart"] == [f"{program}/reading-corner-release recover"]
    assert unit["WantedBy"] == ["multi-user.target"]


def test_a_release_has_the_time_that_the_unit_gives_it():
    """To start, however slow the board; and to be missed by its watchdog, more than once."""
    unit = said(UNIT_FILE)
    stop, start, watchdog = (
        float(unit[f"{name}Sec"][0].removesuffix("s")) for name in ("TimeoutStop", "TimeoutStart", "Watchdog")
    )
    assert stop + start < RERUN_S
    assert 2 * watchdog < STABLE_S


def test_systemd_knows_every_word_of_the_unit(tmp_path):
    """Its program is elsewhere here, so it is pointed to one that is there."""
    unit = tmp_path / RECOVER.name
    unit.write_text(re.sub("ExecStart=.*", "ExecStart=/bin/true", RECOVER.read_text("utf-8")))
    done = run(tool("systemd-analyze"), "verify", "--man=no", unit, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
