#!/usr/bin/env python3
"""
The inventory for Ansible, out of a table of devices (CSV). All that is wrong is told at once, before any is touched.

It needs no more than Python: who provisions devices may have nothing but Ansible. The table is `devices.csv` beside the
playbooks, or the file that READING_CORNER_DEVICES names. Its columns:

    hostname    what the device is called: one name, without its domain
    address     where it is found, if not by its hostname: an IP address or a name; may be empty
    device_id   the relay's name for it; the hostname if empty. It stays with the device wherever that goes
    board       zero2w, pi3, pi4, pi5, or debian for what is no Raspberry Pi
    school_id   the relay's name for the school
    language    es-REGION or en-REGION
    grade       0 (kindergarten) to 5; may be empty
    location    where in the school, in your own words; may be empty
    microphone  which card, as `reading-corner devices` shows it; auto if empty
    speaker     likewise
    ring        ws2812_spi, apa102_spi, pwm_leds or none; then reading_corner_settings has to allow it as well, for
                nobody sees then when the microphone is open: {ring: {allow_no_ring: true}}

Each is a variable of the device, `reading_corner_<column>`, and the groups are `school_<id>` and `board_<board>`.
SSH knows a device's host keys by its device_id, so that they hold wherever it is found.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from devices_table import COLUMNS, BadTable, Problem, Row, group_of_school, read

VARIABLE = "READING_CORNER_DEVICES"
BESIDE_THE_PLAYBOOKS = Path(__file__).resolve().parents[1] / "devices.csv"
PREFIX = "reading_corner_"

BAD_INPUT = 2
"""Exit status for what a person has to put right, as of `reading-corner`."""

TOLD = 100
"""Problems told at once: a column that is wrong in each of thousands of rows is understood after that many."""


def inventory(rows: Sequence[Row]) -> dict[str, Any]:
    """All devices and groups, as Ansible asks for them with `--list`."""
    groups: dict[str, list[str]] = {"reading_corners": []}
    for row in rows:
        for group in ("reading_corners", group_of_school(row), "board_" + row["board"]):
            groups.setdefault(group, []).append(row["hostname"])
    hosts = {name: {"hosts": members} for name, members in groups.items()}
    return {"_meta": {"hostvars": {row["hostname"]: variables(row) for row in rows}}, **hosts}


def variables(row: Row) -> dict[str, str]:
    """What Ansible knows of one device."""
    alias = f"-o HostKeyAlias={row['device_id']}"
    return {
        "ansible_host": row["address"],
        **{f"ansible_{program}_extra_args": alias for program in ("ssh", "sftp", "scp")},
        **{PREFIX + name: row[name] for name in COLUMNS},
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run; the exit status is 0, or 2 for what a person has to put right in the table."""
    arguments = _parser().parse_args(argv)
    table = arguments.check or Path(os.environ.get(VARIABLE) or BESIDE_THE_PLAYBOOKS)
    try:
        rows = read(table)
    except BadTable as bad:
        _tell(table, bad.problems)
        return BAD_INPUT
    if arguments.check:
        schools = len({row["school_id"] for row in rows})
        print(f"{table}: OK, devices: {len(rows)}, schools: {schools}")
    elif arguments.host:
        found = next((variables(row) for row in rows if row["hostname"] == arguments.host), {})
        json.dump(found, sys.stdout)
    else:
        json.dump(inventory(rows), sys.stdout)
    return 0


def _tell(table: Path, problems: Sequence[Problem]) -> None:
    for problem in problems[:TOLD]:
        print(f"{table}: {problem}", file=sys.stderr)
    if len(problems) > TOLD:
        print(f"{table}: and {len(problems) - TOLD} more", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Devices out of a table (CSV), for Ansible.")
    ask = parser.add_mutually_exclusive_group(required=True)
    ask.add_argument("--list", action="store_true", help="all devices and groups, in JSON")
    ask.add_argument("--host", metavar="HOSTNAME", help="the variables of one device, in JSON")
    ask.add_argument(
        "--check", metavar="FILE", type=Path, help="whether a table is usable: OK, or a line for each problem"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
