"""A controller and one device, as on IT's bench: playbooks over real SSH, a relay, and what is known of the device."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent import __version__
from tests.provisioning.target import Target, booted
from tests.provisioning.test_role import PROVISIONING, ansible
from tests.provisioning.wheels import wheelhouse

PORTS = {"trixie": 2211, "bookworm": 2212}
RELAY = [sys.executable, "-c", "from agent.relay.cli import main; raise SystemExit(main())"]
COLUMNS = "hostname,address,board,school_id,language,location,microphone,speaker,ring"
ROW = 'rc-1,127.0.0.1,debian,30155,es-PR,"Biblioteca, ""rincón"" $1",auto,auto,pwm_leds'


@dataclass(frozen=True)
class Bench:
    """A controller, with its files and the playbooks' folder, and one device of this release of Debian."""

    suite: str
    target: Target
    folder: Path
    provisioning: Path = PROVISIONING

    def play(self, *arguments):
        """Run a playbook as IT does; return (numbers of the recap, of all hosts together; all that is said)."""
        environ = os.environ | {
            "READING_CORNER_DEVICES": str(self.folder / "devices.csv"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_LOG_PATH": str(self.folder / "ansible.log"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_SSH_ARGS": f"-o ControlMaster=auto -o ControlPersist=60s {self.bench_day()}",
        }
        command = [ansible("ansible-playbook"), "-e", f"@{self.folder / 'vars.json'}", *arguments]
        answer = subprocess.run(  # Ansible refuses a standard input that does not block, as some runners of tests have
            command,
            cwd=self.provisioning,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        told = {}
        for name, number in re.findall(r"(\w+)=(\d+)", answer.stdout.rpartition("PLAY RECAP")[2]):
            told[name] = told.get(name, 0) + int(number)
        return told, answer.stdout + answer.stderr

    def bench_day(self):
        """What takes a device's key on trust at the first meeting, and no other afterwards."""
        return f"-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={self.folder / 'known_hosts'}"

    def tokens(self):
        """What the registry knows of the device's."""
        command = [*RELAY, "token", "list", "--json", "--registry", self.folder / "tokens.sqlite"]
        (device,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return device["tokens"]

    def status(self):
        """What the agent says of itself."""
        return json.loads(self.target.run("/usr/local/bin/reading-corner", "status", "--json"))


@contextmanager
def relay(registry):
    """A relay of this machine; yields its address."""
    command = [*RELAY, "serve", "--registry", registry, "--host", "127.0.0.1", "--port", "0", "--tutor", "parrot"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            yield running.stdout.readline().split()[-1]
        finally:
            running.terminate()


@contextmanager
def laid_out(suite, folder):
    """Everything but the first playbook: a device with nothing on it that runs, a relay, and wheels of this tree."""
    if os.geteuid() or not shutil.which("debootstrap"):
        pytest.skip("booting a target takes root and debootstrap")
    ansible("ansible-playbook")
    (folder / "devices.csv").write_text(f"{COLUMNS}\n{ROW}\n", "utf-8")
    wheelhouse(folder / "wheelhouse", suite, __version__)
    with booted(suite, PORTS[suite]) as target, relay(folder / "tokens.sqlite") as url:
        (folder / "vars.json").write_text(json.dumps(_known(target, folder, url)))
        yield Bench(suite, target, folder)


def provision(bench):
    """Run site.yml, first only asking what it would do, and telling all that it can tell."""
    would, said = bench.play("site.yml", "--check", "-vvv")
    assert (would["failed"], would["changed"] > 20) == (0, True), said[-5000:]
    did, said = bench.play("site.yml", "-vvv")
    assert did["failed"] == 0, said[-5000:]


def _known(target, folder, url):
    return {
        "ansible_port": target.port,
        "ansible_user": "it",
        "ansible_ssh_private_key_file": str(target.key),
        "reading_corner_version": __version__,
        "reading_corner_relay_url": url,
        "reading_corner_wheelhouse": str(folder / "wheelhouse"),
        "reading_corner_registry": str(folder / "tokens.sqlite"),
        "reading_corner_relay_command": RELAY,
        "reading_corner_known_hosts": str(folder / "known_hosts"),
        "reading_corner_settings": {
            "ring": {"gpio_pins": [5, 6, 13], "leds": 1},
            "relay": {"query": {"campus": "Río Piedras"}},
            "hours": {"open": ["mon-fri 07:30-15:30"]},
        },
    }
