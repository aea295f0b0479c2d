"""
The playbooks over real SSH, on a system that boots its own systemd: pytest -m long tests/provisioning/test_targets.py

As root, with debootstrap and ansible-core. The first time it makes a system and its wheels, 6 minutes for each release
of Debian.
"""

import re

import pytest

from agent import __version__

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

WROTE = re.compile(r"rct_[0-9a-f]{16}_[0-9a-f]{16}")


def test_after_one_run_the_agent_is_on_the_device_and_at_its_relay(bench):
    status = bench.status()
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
    did, said = bench.play("rotate-tokens.yml", "-vvv")
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
