"""The agent is killed, frozen and starved, and starts again by itself; what it knew is found nowhere."""

import re
import shlex
import subprocess

import pytest

from agent.journal.lines import Line
from hw_tests.virtual_pi.corner import START_S, TOKEN
from hw_tests.virtual_pi.journal import MINUTE

WATCHDOG_S = 2 * MINUTE
"""It waits 20 s; what it ends has 10 s, and writes the stacks of its threads."""

EATER = "b = []\nwhile True: b.append(bytearray(1 << 20))"
"""Takes all memory there is, a megabyte at a time."""

TOO_LITTLE = "20M"
"""Half of what it takes."""

PROPERTIES = "/run/systemd/system.control/reading-corner.service.d"
"""Where systemctl keeps what was set for now."""


def begun_anew(there, before, mark):
    there.journal.until(Line.READY, mark, START_S)
    there.teaches(since=mark)
    assert there.main_pid() not in (0, before)


def test_a_killed_agent_is_back(there):
    before, mark = there.main_pid(), there.journal.mark()
    there.pi.ssh("systemctl kill --kill-whom=main --signal=KILL reading-corner")
    there.journal.until_failed("signal", mark)
    begun_anew(there, before, mark)


@pytest.fixture
def frozen(there):
    before, mark = there.main_pid(), there.journal.mark()
    there.pi.ssh("systemctl kill --kill-whom=main --signal=STOP reading-corner")
    there.journal.until_failed("watchdog", mark, WATCHDOG_S)
    begun_anew(there, before, mark)
    return there.journal.entries[mark:]


def test_a_frozen_agent_is_ended_by_the_watchdog_and_its_stacks_are_told_but_not_what_it_knew(there, frozen):
    told = "\n".join(str(entry["MESSAGE"]) for entry in frozen)
    assert "Fatal Python error: Aborted" in told
    assert re.search(r"Thread 0x[0-9a-f]+ \(most recent call first\)", told)

    secret = there.relay.token
    assert there.pi.ssh(f"cat {TOKEN}").strip() == secret  # or nothing below would find it
    everywhere = {
        "journal": "journalctl --all --output=export --no-pager",
        "systemctl": "for what in 'show --all' cat 'status --full'; do systemctl $what reading-corner; done",
        "processes": "cat /proc/[0-9]*/cmdline",
        "variables": "cat /proc/[0-9]*/environ",
        "dumps": "find / -xdev \\( -name 'core' -o -name 'core.*' \\) -type f -newer /etc/reading-corner/device-token "
        "-exec cat {} +; ls -l /var/lib/systemd/coredump 2>/dev/null",
    }
    for where, command in everywhere.items():
        # The part that is secret; what precedes it is the name of the token, which may be told.
        assert secret.rpartition("_")[2].encode() not in raw(there, f"{{ {command}; }} 2>/dev/null || true"), where


def raw(there, command):
    done = subprocess.run(there.pi.ssh_command(command), capture_output=True, check=True)
    return done.stdout


def test_somebody_else_who_takes_all_memory_is_killed_and_the_agent_is_not(there):
    before, mark = there.main_pid(), there.journal.mark()
    (kept,) = re.findall(r"VmLck:\s+(\d+) kB", there.pi.ssh(f"cat /proc/{before}/status"))
    assert int(kept) > 0
    there.pi.ssh(f"systemd-run --quiet --wait --unit=eater python3 -c {shlex.quote(EATER)} || true")
    there.journal.until_failed("oom-kill", mark, unit="eater.service")
    there.teaches()
    assert there.main_pid() == before


def test_an_agent_that_is_killed_for_its_own_memory_is_back(there):
    before, mark = there.main_pid(), there.journal.mark()
    there.pi.ssh(f"systemctl set-property --runtime reading-corner MemoryMax={TOO_LITTLE}")
    try:
        there.journal.until_failed("oom-kill", mark)
    finally:
        there.pi.ssh(f"rm -r {PROPERTIES} && systemctl daemon-reload")
    begun_anew(there, before, mark)
