import csv
import importlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from agent.errors import BadInput
from agent.settings import RingKind
from agent.settings_sources import load

PROVISIONING = Path(__file__).parents[2] / "provisioning"
PROGRAM = PROVISIONING / "inventory" / "devices.py"
COLUMNS = ["hostname", "address", "board", "school_id", "language", "location", "microphone", "speaker", "ring"]
CORNER = dict(
    zip(COLUMNS, ["rc-1", "10.0.0.1", "pi4", "30155", "es-PR", "Biblioteca", "auto", "auto", "ws2812_spi"], strict=True)
)


def table(*rows, columns=COLUMNS):
    """A table in which each row differs from a good one in what is told."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    for number, row in enumerate(rows):
        other = {"hostname": f"rc-{number}", "address": f"10.0.0.{number}"}
        writer.writerow({name: cell for name, cell in {**CORNER, **other, **row}.items() if name in columns})
    return text.getvalue().encode()


@dataclass(frozen=True)
class Answer:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch, capsys):
    """The program in this process: starting Python takes longer than all that it does."""
    monkeypatch.syspath_prepend(PROGRAM.parent)
    main = importlib.import_module("devices").main

    def ask(*arguments, devices):
        monkeypatch.setenv("READING_CORNER_DEVICES", str(devices))
        return Answer(main([str(word) for word in arguments]), *capsys.readouterr())

    return ask


@pytest.fixture
def devices(tmp_path, run):
    """Write a table and return what the program answers when Ansible asks for it, or for what its arguments say."""

    def ask(content, *arguments):
        file = tmp_path / "devices.csv"
        file.write_bytes(content)
        return run(*(arguments or ["--list"]), devices=file)

    return ask


def listed(answer):
    assert (answer.returncode, answer.stderr) == (0, "")
    return json.loads(answer.stdout)


def problems(answer):
    """What it complains of: (line, column, what else it says) of each."""
    assert (answer.returncode, answer.stdout) == (2, "")
    lines = [
        re.search(r"devices\.csv: line (\d+)(?:, column (\w+))?: (.*)", line) for line in answer.stderr.splitlines()
    ]
    return [(int(line[1]), line[2], line[3]) for line in lines]


def places(answer):
    return [(line, column) for line, column, _ in problems(answer)]


def test_each_column_of_a_device_is_a_variable_of_it(devices):
    told = listed(devices(table({**CORNER, "location": 'Salón 4, "el barco"'})))
    variables = told["_meta"]["hostvars"]["rc-1"]
    assert variables["ansible_host"] == "10.0.0.1"
    assert variables["reading_corner_location"] == 'Salón 4, "el barco"'
    assert variables.keys() >= {f"reading_corner_{column}" for column in COLUMNS}


def test_devices_are_grouped_by_school_and_by_board(devices):
    told = listed(
        devices(table({"school_id": "pr-12.a"}, {"school_id": "30155", "board": "pi5"}, {"school_id": "30155"}))
    )
    assert told["school_pr_12_a"]["hosts"] == ["rc-0"]
    assert told["school_30155"]["hosts"] == ["rc-1", "rc-2"]
    assert told["board_pi4"]["hosts"] == ["rc-0", "rc-2"]
    assert told["reading_corners"]["hosts"] == ["rc-0", "rc-1", "rc-2"]


def test_what_is_empty_or_left_out_is_the_device_s_hostname_or_the_usual_choice(devices):
    empty = {"address": "", "microphone": "", "speaker": "", "location": ""}
    told = listed(devices(table(empty)))["_meta"]["hostvars"]["rc-0"]
    assert told["ansible_host"] == told["reading_corner_device_id"] == "rc-0"
    assert told["reading_corner_microphone"] == told["reading_corner_speaker"] == "auto"
    assert told["reading_corner_grade"] == told["reading_corner_location"] == ""
    assert listed(devices(table({}, columns=[name for name in COLUMNS if name != "address"])))


def test_what_a_spreadsheet_saves_is_read(devices):
    """A mark before the first letter, ends of lines from elsewhere, a cell of two lines, empty rows at the end."""
    saved = b"\xef\xbb\xbf" + table({}, {}).replace(b"rc-0,", b'" rc-0\n",') + b",,,,,,,,\r\n\r\n"
    assert listed(devices(saved))["reading_corners"]["hosts"] == ["rc-0", "rc-1"]


def test_a_device_s_host_keys_are_known_by_its_id_wherever_it_is_found(devices):
    moved = {"hostname": "rc-9", "address": "10.9.9.9", "device_id": "corner-7"}
    told = listed(devices(table(moved, {}, columns=[*COLUMNS, "device_id"])))["_meta"]["hostvars"]
    assert (
        told["rc-9"]["ansible_ssh_extra_args"] == told["rc-9"]["ansible_sftp_extra_args"] == "-o HostKeyAlias=corner-7"
    )
    assert told["rc-1"]["ansible_ssh_extra_args"] == "-o HostKeyAlias=rc-1"


def test_one_device_can_be_asked_for(devices):
    assert listed(devices(table({}, {}), "--host", "rc-1"))["ansible_host"] == "10.0.0.1"
    assert listed(devices(table({}), "--host", "localhost")) == {}


def test_every_mistake_is_told_at_once_with_its_line_its_column_what_was_found_and_what_is_expected(devices):
    answer = devices(
        table(
            {"hostname": "rincón-1"},
            {"location": "two\nlines", "board": "pi6"},
            {},
            {"language": "spanish", "ring": ""},
        )
    )
    assert places(answer) == [(2, "hostname"), (3, "board"), (3, "location"), (6, "language"), (6, "ring")]
    assert problems(answer)[1][2] == "found 'pi6'; expected zero2w, pi3, pi4, pi5 or debian"


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("hostname", "-rc"),
        ("hostname", "17"),
        ("hostname", "rc.school.example"),
        ("hostname", "localhost"),
        ("hostname", "a" * 64),
        ("address", "10.1.2.300"),
        ("address", "rc_1"),
        ("device_id", "corner 7"),
        ("school_id", "San Juan"),
        ("location", "{{ lookup('pipe', 'id') }}"),
        ("ring", "terminal"),
    ],
)
def test_a_cell_that_no_device_can_have_is_refused(devices, column, cell):
    assert places(devices(table({}, {column: cell}, columns=[*COLUMNS, "device_id"]))) == [(3, column)]


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("hostname", "rc-7", "RC-7"),
        ("address", "10.9.9.9", "10.9.9.9"),
        ("device_id", "corner-7", "corner-7"),
        ("school_id", "pr-1", "pr.1"),
    ],
)
def test_what_would_be_one_to_somebody_is_refused_with_the_line_of_the_other(devices, column, first, second):
    answer = devices(table({column: first}, {}, {column: second}, columns=[*COLUMNS, "device_id"]))
    assert places(answer) == [(4, column)]
    assert "in line 2" in problems(answer)[0][2]


def test_a_device_whose_name_is_another_s_address_is_refused(devices):
    assert places(devices(table({"hostname": "rc-9", "address": ""}, {"address": "rc-9"}))) == [(3, "address")]


@pytest.mark.parametrize(
    ("content", "place", "says"),
    [
        (b"", (1, None), "columns hostname"),
        (table({}).replace(b",board", b",bord"), (1, None), "unknown column 'bord'"),
        (table({}).replace(b",board", b",ring"), (1, None), "2 columns ring"),
        (table({}).replace(b",", b";"), (1, None), "separated by commas"),
        (table({}, {}).replace(b"rc-1,", b"rc-1,,"), (3, None), "found 10 cells; expected 9"),
        (table({}, {}).replace(b"rc-1,", b'"rc-1,'), (3, None), "quotes"),
        (table({}, {"location": "Salón"}).decode().encode("cp1252"), (3, None), "CSV UTF-8"),
    ],
)
def test_a_table_that_is_none_is_told_by_its_first_bad_line(devices, content, place, says):
    answer = devices(content)
    assert places(answer)[0] == place
    assert says in answer.stderr


def test_thousands_of_the_same_mistake_are_told_by_the_first_hundred(devices):
    complaints = devices(table(*[{"board": "PI 4", "address": ""}] * 5000)).stderr.splitlines()
    assert len(complaints) == 101
    assert complaints[-1].endswith("and 4900 more")


def test_a_table_that_is_not_there_is_told_with_its_name(tmp_path, run):
    answer = run("--list", devices=tmp_path / "none.csv")
    assert answer.returncode == 2
    assert "none.csv: no such file" in answer.stderr


def test_a_table_can_be_checked_before_it_is_used(devices, tmp_path):
    assert "OK, devices: 2, schools: 1" in devices(table({}, {}), "--check", tmp_path / "devices.csv").stdout
    assert places(devices(table({"ring": "led"}), "--check", tmp_path / "devices.csv")) == [(2, "ring")]


def test_the_example_is_a_table_with_every_column(run):
    answer = run("--list", devices=PROVISIONING / "devices.example.csv")
    (first, *_) = listed(answer)["_meta"]["hostvars"].values()
    header = (PROVISIONING / "devices.example.csv").read_text("utf-8").splitlines()[0]
    assert {f"reading_corner_{name}" for name in header.split(",")} <= first.keys()


def is_usable(tmp_path, key, value):
    """Whether the agent would start with it."""
    file = tmp_path / "agent.toml"
    section, _, name = key.rpartition(".")
    file.write_text((f"[{section}]\n" if section else "") + f"{name} = {json.dumps(value)}\n")
    try:
        load(file, {})
    except BadInput:
        return False
    return True


@pytest.mark.parametrize(
    ("column", "key", "cells"),
    [
        ("language", "language", ["es-PR", "en-US", "es", "fr-FR", "es_PR", "es-419"]),
        ("microphone", "microphone.card", ["auto", "0d8c:0014", "port:1-1.3", "1", "hw:1", "plughw:1,0", "default"]),
        ("speaker", "speaker.card", ["auto", "usb-1-1-4", "0", "default"]),
    ],
)
def test_what_the_table_takes_the_agent_takes(devices, tmp_path, column, key, cells):
    """The program stands alone, so it says a second time what the settings say; here both are asked."""
    for cell in cells:
        assert (devices(table({column: cell})).returncode == 0) == is_usable(tmp_path, key, cell), cell


def test_a_ring_is_any_that_the_agent_knows_but_the_one_on_a_screen(devices):
    for kind in set(get_args(RingKind)) - {"terminal"}:
        assert listed(devices(table({"ring": kind})))


def test_ansible_can_start_it_with_nothing_but_python(tmp_path):
    file = tmp_path / "devices.csv"
    environ = {"PATH": os.environ["PATH"], "READING_CORNER_DEVICES": str(file)}
    for content, status in ((table({}), 0), (table({"ring": ""}), 2)):
        file.write_bytes(content)
        command = [sys.executable, "-S", "-E", PROGRAM, "--list"]
        assert subprocess.run(command, capture_output=True, check=False, env=environ).returncode == status
    assert os.access(PROGRAM, os.X_OK)
