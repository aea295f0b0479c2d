"""
What many devices cost the machine that provisions them, measured. Linux, as root; with Ansible, see test_targets.py.

    python -m tests.provisioning.crowd [--devices 200] [--forks 50 20 10] [--minutes 30] [PLAYBOOK ARGUMENT...]

Unless told otherwise it plays `site.yml --check`. The devices are one target, with a table of many rows and an address
of its loopback for each; what they do is done by this machine too. None of it has a network but loopback.
"""

import argparse
import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from agent import __version__
from tests.provisioning.target import booted
from tests.provisioning.test_role import PROVISIONING, ansible

PORT = 2299
MOST_DEVICES = 60_000
"""As many as have an address below 127.17."""

UNIFIED = Path("/sys/fs/cgroup/unified")
GROUPS = UNIFIED if UNIFIED.exists() else UNIFIED.parent
"""Groups of processes, as cgroup v2 counts what they take."""

COLUMNS = ("hostname", "address", "board", "school_id", "language", "location", "microphone", "speaker", "ring")
CORNERS_A_SCHOOL = 5

EVERY_S = 5.0
"""Between two looks at the memory, each of which goes through the pages of all processes."""

DEAREST = 8

LISTEN = f"""Port {PORT}
ListenAddress 0.0.0.0
# Each device has a door of its own; here all share one.
MaxStartups 500
"""

TASK = re.compile(r"^(\S+ \S+) p=.*(?:TASK|HANDLER) \[(.*?)\] \*", re.MULTILINE)
END = re.compile(r"^(\S+ \S+) p=.*PLAY RECAP", re.MULTILINE)


@dataclass(frozen=True)
class Figures:
    """What one play took: seconds of the clock, of processors here and there, megabytes here; and what came of it."""

    wall_s: float
    controller_s: float
    devices_s: float
    memory_mb: float
    failed: int
    answers: int
    tasks: dict


def table(file, devices):
    """Write the table of so many devices, five to a school."""
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for number in range(devices):
            address = f"127.17.{number // 250}.{number % 250 + 1}"
            school = 30000 + number // CORNERS_A_SCHOOL
            writer.writerow((f"rc-{number}", address, "debian", school, "es-PR", "Salón 104", "auto", "auto", "none"))


@contextmanager
def crowd(folder, devices):
    """Boot what answers for all devices; yields its group of processes."""
    table(folder / "devices.csv", devices)
    with booted("trixie", PORT) as target:
        target.path("/etc/ssh/sshd_config.d/05-target.conf").write_text(LISTEN)
        target.run("systemctl", "restart", "ssh")
        known = {
            "ansible_port": PORT,
            "ansible_user": "it",
            "ansible_ssh_private_key_file": str(target.key),
            "reading_corner_version": __version__,
            "reading_corner_relay_url": "wss://relay.example/reading",
            "reading_corner_known_hosts": str(folder / "known_hosts"),
        }
        (folder / "vars.json").write_text(json.dumps(known))
        inside = Path(f"/proc/{target.init}/cgroup").read_text().rpartition("::/")[2].split("/")[0]
        yield GROUPS / inside


def play(folder, devices, forks, arguments, minutes):
    """Play it as IT does, in a group of processes of its own."""
    log = folder / "ansible.log"
    log.unlink(missing_ok=True)
    hosts = f"-o StrictHostKeyChecking=accept-new -o HashKnownHosts=no -o UserKnownHostsFile={folder / 'known_hosts'}"
    environ = os.environ | {
        "READING_CORNER_DEVICES": str(folder / "devices.csv"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_LOG_PATH": str(log),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_SSH_ARGS": f"-o ControlMaster=auto -o ControlPersist=60s {hosts}",
    }
    command = [ansible("ansible-playbook"), "--forks", str(forks), "-e", f"@{folder / 'vars.json'}", *arguments]
    before, started, memory = cpu_s(devices), time.monotonic(), 0.0
    with group() as ours:
        enter = ["bash", "-c", f'echo $$ >{ours}/cgroup.procs; exec "$@"', "bash"]
        playing = subprocess.Popen(
            [*enter, *command], cwd=PROVISIONING, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while playing.poll() is None and time.monotonic() < started + 60 * minutes:
            memory = max(memory, memory_mb(ours))
            with suppress(subprocess.TimeoutExpired):
                playing.wait(EVERY_S)
        wall, here, there = time.monotonic() - started, cpu_s(ours), cpu_s(devices) - before
    said = log.read_text("utf-8")
    answers = len(re.findall(r"(?:ok|changed): \[", said))
    return Figures(wall, here, there, memory, failures(said), answers, dearest(said))


@contextmanager
def group():
    """A group of processes that ends with what is in it."""
    ours = GROUPS / f"reading-corner-controller-{os.getpid()}"
    ours.mkdir()
    try:
        yield ours
    finally:
        (ours / "cgroup.kill").write_text("1")
        while "populated 1" in (ours / "cgroup.events").read_text():
            time.sleep(0.1)
        ours.rmdir()


def cpu_s(processes):
    """Seconds of processors that a group took."""
    return int(re.search(r"usage_usec (\d+)", (processes / "cpu.stat").read_text())[1]) / 1e6


def memory_mb(processes):
    """Memory of a group; what its processes share counts once."""
    total = 0
    for process in (processes / "cgroup.procs").read_text().split():
        with suppress(OSError):  # it may have ended
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += sum(map(int, re.findall(r"^Pss: +(\d+)", rollup, re.MULTILINE)))
    return total / 1024


def failures(log):
    """How many devices failed or were not reached; -1 if it did not come to its end."""
    recap = re.findall(r"unreachable=(\d+) +failed=(\d+)", log)
    return sum(unreachable != "0" or failed != "0" for unreachable, failed in recap) if recap else -1


def dearest(log):
    """The tasks that took longest, in seconds of the clock, the dearest first; each begins where the last ends."""
    begun = [(datetime.fromisoformat(at.replace(",", ".")), name) for at, name in TASK.findall(log)]
    begun += [(datetime.fromisoformat(at.replace(",", ".")), "") for at in END.findall(log)]
    took = Counter()
    for (at, name), (then, _) in pairwise(begun):
        took[name] += (then - at).total_seconds()
    return dict(took.most_common(DEAREST))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--forks", type=int, nargs="+", default=[50, 20, 10])
    parser.add_argument("--minutes", type=float, default=30.0, help="after which a play is stopped")
    asked, arguments = parser.parse_known_args()
    if not 0 < asked.devices <= MOST_DEVICES:
        parser.error(f"--devices: found {asked.devices}; expected 1 to {MOST_DEVICES}")
    if {name for _, name in socket.if_nameindex()} != {"lo"}:
        again = ["unshare", "--net", sys.executable, "-m", "tests.provisioning.crowd", *sys.argv[1:]]
        sys.exit(subprocess.run(again, check=False).returncode)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which unwinds, as Ctrl-C does
    print("forks  wall    a device: answers  wall     controller  device      memory  failed")
    with tempfile.TemporaryDirectory(prefix="reading-corner-crowd-") as name, crowd(Path(name), asked.devices) as group:
        for forks in asked.forks:
            took = play(Path(name), group, forks, arguments or ["site.yml", "--check"], asked.minutes)
            each = [seconds / asked.devices for seconds in (took.wall_s, took.controller_s, took.devices_s)]
            print(
                f"{forks:5}  {took.wall_s:4.0f} s            {took.answers / asked.devices:7.1f}  {each[0]:5.2f} s"
                f"  {each[1]:5.2f} s CPU  {each[2]:5.2f} s CPU  {took.memory_mb:4.0f} MB  {took.failed}"
            )
            print("".join(f"       {seconds:6.1f} s  {task}\n" for task, seconds in took.tasks.items()), flush=True)


if __name__ == "__main__":
    main()
