"""
The playbooks over real SSH, on a system that boots its own systemd: pytest -m long tests/provisioning/test_targets.py

As root, with debootstrap and ansible-core. The first time it makes a system and its wheels, 6 minutes for each release
of Debian.
"""

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

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

PORTS = {"trixie": 2211, "bookworm": 2212}
RELAY = [sys.executable, "-c", "from agent.relay.cli import main; raise SystemExit(main())"]
WROTE = re.compile(r"rct_[0-9a-f]{16}_[0-9a-f]{16}")


@dataclass(frozen=True)
class Bench:
    """A controller and one device."""

    target: Target
    folder: Path

    def play(self, *arguments):
        """Run a playbook as IT does, telling all that it can tell; return (hosts' numbers, output)."""
        environ = os.environ | {
            "READING_CORNER_DEVICES": str(self.folder / "devices.csv"),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_LOG_PATH": str(self.folder / "ansible.log"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_SSH_ARGS": f"-o ControlMaster=auto -o ControlPersist=60s {self.bench_day()}",
        }
        command = [ansible("ansible-playbook"), "-vvv", "-e", f"@{self.folder / 'vars.json'}"]
        answer = subprocess.run(
            [*command, *arguments], cwd=PROVISIONING, env=environ, capture_output=True, text=True, check=False
        )
        told = dict(re.findall(r"(\w+)=(\d+)", answer.stdout.rpartition("PLAY RECAP")[2]))
        return {name: int(number) for name, number in told.items()}, answer.stdout + answer.stderr

    def bench_day(self):
        """What takes a device's key on trust at the first meeting, and no other afterwards."""
        return f"-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={self.folder / 'known_hosts'}"

    def tokens(self):
        """What the registry knows of the device's."""
        command = [*RELAY, "token", "list", "--json", "--registry", self.folder / "tokens.sqlite"]
        (device,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return device["tokens"]


@contextmanager
def relay(registry):
    """A relay of this machine; yields its address."""
    command = [*RELAY, "serve", "--registry", registry, "--host", "127.0.0.1", "--port", "0", "--tutor", "parrot"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        try:
            yield running.stdout.readline().split()[-1]
        finally:
            running.terminate()


@pytest.fixture(scope="module", params=PORTS)
def bench(request, tmp_path_factory):
    if os.geteuid() or not shutil.which("debootstrap"):
        pytest.skip("booting a target takes root and debootstrap")
    ansible("ansible-playbook")
    folder = tmp_path_factory.mktemp("bench")
    row = 'rc-1,127.0.0.1,debian,30155,es-PR,"Biblioteca, ""rincón"" $1",auto,auto,pwm_leds'
    (folder / "devices.csv").write_text(
        f"hostname,address,board,school_id,language,location,microphone,speaker,ring\n{row}\n", "utf-8"
    )
    wheels = wheelhouse(folder / "wheelhouse", request.param, __version__)
    with booted(request.param, PORTS[request.param]) as target, relay(folder / "tokens.sqlite") as url:
        known = {
            "ansible_port": target.port,
            "ansible_user": "it",
            "ansible_ssh_private_key_file": str(target.key),
            "reading_corner_version": __version__,
            "reading_corner_relay_url": url,
            "reading_corner_wheelhouse": str(wheels),
            "reading_corner_registry": str(folder / "tokens.sqlite"),
            "reading_corner_relay_command": RELAY,
            "reading_corner_known_hosts": str(folder / "known_hosts"),
            "reading_corner_settings": {
                "ring": {"gpio_pins": [5, 6, 13], "leds": 1},
                "relay": {"query": {"campus": "Río Piedras"}},
                "hours": {"open": ["mon-fri 07:30-15:30"]},
            },
        }
        (folder / "vars.json").write_text(json.dumps(known))
        bench = Bench(target, folder)
        would, said = bench.play("site.yml", "--check")
        assert (would["failed"], would["changed"] > 20) == (0, True), said[-5000:]
        did, said = bench.play("site.yml")
        assert did["failed"] == 0, said[-5000:]
        yield bench


def test_after_one_run_the_agent_is_on_the_device_and_at_its_relay(bench):
    status = json.loads(bench.target.run("/usr/local/bin/reading-corner", "status", "--json"))
    assert (status["version"], status["link"]["up"]) == (__version__, True)
    assert bench.target.run("systemctl", "is-enabled", "reading-corner.service") == "enabled"
    assert bench.target.run("hostnamectl", "hostname") == "rc-1"
    assert bench.target.run("hostnamectl", "location") == '30155, Biblioteca, "rincón" $1'


def test_the_device_explains_itself_in_the_journal(bench):
    assert "Nothing to do." in bench.target.run("journalctl", "-x", "-u", "reading-corner.service", "--no-pager")


def test_nobody_gets_in_by_a_password(bench):
    assert "passwordauthentication no" in bench.target.run("/usr/sbin/sshd", "-T").splitlines()


@pytest.mark.parametrize("how", [[], ["--check"]])
def test_another_run_changes_nothing(bench, how):
    did, said = bench.play("site.yml", *how)
    assert (did["failed"], did["changed"]) == (0, 0), re.findall(r"^changed: .*", said, re.MULTILINE)


def test_settings_that_the_agent_would_refuse_do_not_replace_those_it_has(bench):
    before = bench.target.run("cat", "/etc/reading-corner/agent.toml")
    did, said = bench.play("site.yml", "--tags", "settings", "-e", '{"reading_corner_settings": {"ring": {"ledz": 1}}}')
    assert did["failed"] == 1
    assert "unknown key 'ring.ledz'" in said
    assert bench.target.run("cat", "/etc/reading-corner/agent.toml") == before


def test_a_token_is_nowhere_but_on_its_device_whose_it_is_alone(bench):
    """Not in what Ansible says when it says everything, nor in any file it wrote here, nor in the device's journal."""
    (first,) = bench.tokens()
    did, said = bench.play("rotate-tokens.yml")
    assert did["failed"] == 0, said[-3000:]
    old, new = bench.tokens()
    assert (old["id"], old["valid"], new["valid"]) == (first["id"], False, True)
    held = bench.target.run("cat", "/etc/reading-corner/device-token")
    assert held.startswith(f"rct_{new['id']}_")
    assert bench.target.run("stat", "-c", "%a %U", "/etc/reading-corner/device-token") == "600 root"
    written = [file.read_bytes() for file in bench.folder.rglob("*") if file.is_file()]
    told = [
        said,
        bench.target.run("journalctl", "--no-pager", "-o", "export"),
        *(text.decode("latin-1") for text in written),
    ]
    assert not any(WROTE.search(text) or held in text for text in told)


def test_the_table_says_why_a_corner_without_a_microphone_can_not_teach(bench):
    did, said = bench.play("check.yml")
    assert did["failed"] == 1
    assert re.search(r"30155 +rc-1 +NO +microphone: ", said)
