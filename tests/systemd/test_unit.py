"""The service's unit, as systemd on this machine judges it, and as the agent's code expects it."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from agent.check.service import UNIT
from agent.cli import main
from agent.devices.gpio import FOLDER as PINS_FOLDER
from agent.link.token import CREDENTIAL, SERVICES_CREDENTIALS, VARIABLE, TokenMissing, read_token, redact
from agent.notify import USUAL_PATIENCE
from agent.settings_sources import DEFAULT_FILE
from agent.status.words import socket_path
from tests.systemd.shipped import (
    RULES,
    SCRIPT,
    SINCE_254,
    SYSUSERS,
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

BUDGET = 20
"""Tenths of what `systemd-analyze security` calls exposure; a unit without hardening has 96."""

SYSTEMS_UNITS = Path("/lib/systemd/system")

UNIT_SAYS = said(UNIT_FILE)


def only(key):
    (value,) = UNIT_SAYS[key]
    return value


def environment():
    return dict(word.split("=", 1) for value in UNIT_SAYS["Environment"] for word in shlex.split(value))


@pytest.fixture
def device(tmp_path):
    """A root with the unit and what it starts, as provisioning leaves it for the systemd of this machine."""
    if not SYSTEMS_UNITS.is_dir():
        pytest.skip(f"systemd's own units are not in {SYSTEMS_UNITS}")
    install(tmp_path, UNIT_FILE, SCRIPT, *([SINCE_254] if version() >= 254 else []))
    shutil.copytree(SYSTEMS_UNITS, tmp_path / "usr/lib/systemd/system", symlinks=True)
    program = tmp_path / only("ExecStart").split()[0].lstrip("/")
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return tmp_path


def analyze(device, *arguments):
    return run(tool("systemd-analyze"), f"--root={device}", *arguments, UNIT)


def test_systemd_finds_nothing_to_complain_about(device):
    verdict = analyze(device, "--recursive-errors=no", "--man=no", "verify")
    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


def test_systemd_would_complain_about_a_word_it_does_not_know(device):
    file = device / goes_to(UNIT_FILE).lstrip("/")
    file.write_text(file.read_text("utf-8").replace("WatchdogSec=", "WatchdogSecs="))
    verdict = analyze(device, "--recursive-errors=no", "--man=no", "verify")
    assert verdict.returncode != 0
    assert "WatchdogSecs" in verdict.stderr


def test_the_service_can_do_little_more_than_it_has_to(device):
    verdict = analyze(device, "--offline=true", f"--threshold={BUDGET}", "security")
    assert verdict.returncode == 0, verdict.stdout


def test_the_unit_is_called_what_the_agent_looks_for():
    assert Path(goes_to(UNIT_FILE)).name == UNIT == UNIT_FILE.name
    assert Path(goes_to(SINCE_254)).parent.name == f"{UNIT}.d"


def test_the_command_is_one_that_the_agent_has(tmp_path, monkeypatch, capsys):
    program, *arguments = only("ExecStart").split()
    assert Path(program).name == "reading-corner"
    assert str(DEFAULT_FILE) in arguments
    monkeypatch.delenv("READING_CORNER_RELAY__URL", raising=False)
    settings = tmp_path / "agent.toml"
    settings.write_text("")
    # It gets as far as the settings, which name no relay.
    assert main([str(settings) if word == str(DEFAULT_FILE) else word for word in arguments]) == 2
    assert "relay.url" in capsys.readouterr().err


def test_the_token_comes_from_where_it_is_put_and_is_found_where_the_agent_looks():
    name, _, place = only("LoadCredential").partition(":")
    assert name == CREDENTIAL
    assert place == f"/{SERVICES_CREDENTIALS[1]}/{CREDENTIAL}"
    assert f"z {place} 0600 root root" in lines(TMPFILES)


def test_a_device_without_a_token_starts_and_knows_it(tmp_path):
    # A missing file alone would be 243/CREDENTIALS, again and again; systemd ignores a default that has no characters.
    name, _, default = only("SetCredential").partition(":")
    assert name == CREDENTIAL
    assert default
    (tmp_path / CREDENTIAL).write_text(default.encode().decode("unicode_escape"))
    with pytest.raises(TokenMissing, match="is empty"):
        read_token(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_nothing_that_systemctl_show_or_a_process_list_prints_can_hold_a_token():
    text = "\n".join(line for line in UNIT_FILE.read_text("utf-8").splitlines() if not line.startswith("#"))
    assert VARIABLE not in text
    assert not {"EnvironmentFile", "PassEnvironment"} & UNIT_SAYS.keys()
    assert redact(text) == text
    assert environment().keys() == {"PYTHONFAULTHANDLER", PINS_FOLDER}


def test_no_memory_of_what_was_said_gets_to_a_disk():
    assert (only("LimitCORE"), only("MemorySwapMax")) == ("0", "0")


def test_the_status_socket_is_in_the_runtime_directory_for_the_group():
    runtime = only("RuntimeDirectory")
    assert socket_path({}).parent == Path("/run", runtime)
    assert only("RuntimeDirectoryMode") == "0750"
    assert environment()[PINS_FOLDER] == only("WorkingDirectory") == f"%t/{runtime}"


def test_the_watchdog_waits_as_long_as_the_agent_takes_it_to():
    assert only("WatchdogSec") == f"{USUAL_PATIENCE:.0f}s"


def test_it_is_restarted_for_ever():
    assert (only("Restart"), only("StartLimitIntervalSec")) == ("always", "0")


def test_the_account_has_the_groups_of_the_service_and_they_are_those_of_the_devices():
    groups = only("SupplementaryGroups").split()
    members = [line.split()[1:] for line in lines(SYSUSERS) if line.startswith("m ")]
    assert members == [[only("User"), group] for group in groups]
    assert set(re.findall(r'GROUP="(\w+)"', RULES.read_text("utf-8"))) < set(groups)
