"""What is installed beside the unit, judged by the tools that will read it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from agent.check.system import CHOSEN
from tests.systemd.shipped import (
    INSTALLED,
    JOURNALD,
    RULES,
    SCRIPT,
    SYSUSERS,
    TIMESYNCD,
    TMPFILES,
    UNIT_FILE,
    goes_to,
    install,
    lines,
    run,
    said,
    tool,
    version,
)

SIZE = re.compile(r"[1-9]\d*[KMG]")


def readable(file):
    return f"{file.parent.name}/{file.name}"


@pytest.mark.parametrize("file", INSTALLED, ids=readable)
def test_each_file_says_where_it_goes(file):
    assert goes_to(file).startswith(("/etc/", "/usr/"))


def test_the_account_is_made_with_its_groups(tmp_path):
    install(tmp_path, SYSUSERS)
    (tmp_path / "etc").mkdir()
    made = run(tool("systemd-sysusers"), f"--root={tmp_path}")
    assert made.returncode == 0, made.stderr
    (account,) = (tmp_path / "etc/passwd").read_text("utf-8").splitlines()
    assert account.endswith(":/var/lib/reading-corner:/usr/sbin/nologin")
    members = [line.split(":")[0] for line in (tmp_path / "etc/group").read_text("utf-8").splitlines()]
    assert sorted(members) == ["audio", "gpio", "reading-corner", "spi"]


@pytest.fixture
def folders(tmp_path):
    """A device with our account and a token that everyone could read; makes the folders when called."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files to others")
    install(tmp_path, SYSUSERS, TMPFILES)
    token = tmp_path / "etc/reading-corner/device-token"
    token.parent.mkdir(parents=True)
    token.write_text("made up")
    token.chmod(0o644)
    assert run(tool("systemd-sysusers"), f"--root={tmp_path}").returncode == 0
    # Access lists are read with the accounts of this machine, whatever the root.
    file = tmp_path / goes_to(TMPFILES).lstrip("/")
    file.write_text(file.read_text("utf-8").replace("user:reading-corner", "user:nobody"))

    def make():
        made = run(tool("systemd-tmpfiles"), f"--root={tmp_path}", "--create", file.name)
        assert (made.returncode, made.stderr) == (0, "")
        return tmp_path

    return make


def test_nobody_but_root_reads_the_token_from_its_file(folders):
    token = folders() / "etc/reading-corner/device-token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.parent.stat().st_mode & 0o777 == 0o755


def test_the_service_may_write_where_node_exporter_looks(folders, tmp_path):
    metrics = tmp_path / "var/lib/prometheus/node-exporter"
    metrics.mkdir(parents=True, mode=0o755)
    folders()
    # With an access list these bits are what any named user may have at most (acl(5)).
    assert metrics.stat().st_mode & 0o070 == 0o070
    assert said(UNIT_FILE)["ReadWritePaths"] == [f"-/{metrics.relative_to(tmp_path)}"]


def test_a_device_without_node_exporter_gets_no_folder_for_it(folders):
    assert not (folders() / "var/lib/prometheus").exists()


@pytest.mark.parametrize("file", JOURNALD, ids=readable)
def test_the_journal_is_bounded_and_provisioned_where_check_looks_for_it(file):
    assert goes_to(file) == f"/{CHOSEN}"
    settings = said(file)
    bound = {"persistent": "SystemMaxUse", "volatile": "RuntimeMaxUse"}[settings["Storage"][0]]
    assert SIZE.fullmatch(settings[bound][0])


@pytest.mark.parametrize(
    ("file", "section", "daemon"),
    [*((file, "Journal", "systemd-journald") for file in JOURNALD), (TIMESYNCD, "Time", "systemd-timesyncd")],
    ids=lambda value: readable(value) if isinstance(value, Path) else value,
)
def test_the_daemon_knows_every_word_and_every_duration(file, section, daemon):
    # Nobody checks these files but the daemon as it starts; its table of keys is in the program.
    program = Path("/lib/systemd", daemon)
    if not program.is_file():
        pytest.skip(f"{daemon} is not installed")
    known = program.read_bytes()
    assert f"[{section}]" in lines(file)
    for key, (value,) in said(file).items():
        assert b"\0%s.%s\0" % (section.encode(), key.encode()) in known, key
        if key.endswith("Sec"):
            assert run(tool("systemd-analyze"), "timespan", value).returncode == 0, key


def test_udev_reads_every_rule():
    if version() < 254:
        pytest.skip("udevadm verify came with systemd 254")
    # Groups are those of the device, not of this machine.
    verdict = run(tool("udevadm"), "verify", "--resolve-names=never", str(RULES))
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_every_rule_is_made_of_words_of_udev():
    match = r'(ACTION|SUBSYSTEM|SUBSYSTEMS|KERNEL|(ENV|ATTRS)\{\w+\}|TEST)=="[^"]+"'
    assignment = r'(PROGRAM|GROUP|MODE|ATTR\{[\w/]+\})="[^"]+"'
    for rule in lines(RULES):
        assert re.fullmatch(rf"({match}, )+({assignment}(, |$))+", rule), rule


@pytest.mark.parametrize(
    ("port", "card"), [("1-1", "usb-1-1"), ("1-1.3", "usb-1-1-3"), ("3-1.4.4.4.4", "usb-3-1-4-4-4-4")]
)
def test_a_card_is_called_after_its_port_in_letters_that_the_kernel_takes(port, card):
    (program,) = re.findall(r'PROGRAM="/bin/sh -c \'([^\']+)\'"', RULES.read_text("utf-8"))
    named = subprocess.run(
        ["/bin/sh", "-c", program.replace("%b", port)], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert named == card
    assert re.fullmatch(r"[\w-]{1,15}", named)


def test_the_script_can_be_run():
    assert os.access(SCRIPT, os.X_OK)
