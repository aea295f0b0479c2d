"""The table of devices: its columns, what each may hold, and all that is wrong with it at once."""

from __future__ import annotations

import csv
import io
import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FOUND_CHARS = 60
"""As much of a wrong value as fits on a line with the rest of the message."""

Row = dict[str, str]
Test = Callable[[str], object]


@dataclass(frozen=True)
class Problem:
    """One thing to put right; the line is the first of its row, for a cell may have several."""

    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Tell it in one line."""
        place = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{place}: found {self.found}; expected {self.expected}"


class BadTable(Exception):
    """The table can not be used: all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True)
class Column:
    """A column: whether a cell will do, what is expected, and what an empty one means (None: that it is missing)."""

    will_do: Test
    expected: str
    empty: str | None = None
    needed: bool = True
    """Whether the table must have it."""


def _is(pattern: str) -> Test:
    return re.compile(pattern, re.ASCII).fullmatch


def _one_of(*known: str) -> Column:
    return Column(known.__contains__, ", ".join(known[:-1]) + " or " + known[-1])


HOSTNAME = r"[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
"""A label of a name (RFC 1123) that is no number; never one with an underscore, which groups have."""

OF_ANSIBLE = re.compile(r"\{[{%#]")
"""How its templates begin: it would look for one in every variable."""

TAKEN = frozenset({"all", "ungrouped", "localhost"})
"""What Ansible means something else by."""


def _is_hostname(text: str) -> bool:
    return bool(re.fullmatch(HOSTNAME, text, re.ASCII)) and text.lower() not in TAKEN


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        # The last label of a name is no number (RFC 1123, 2.1): 10.1.2.300 is a mistake and not a name.
        return len(text) <= 253 and bool(re.fullmatch(rf"({label}\.)*{HOSTNAME}", text, re.ASCII))
    return True


def _is_card(text: str) -> bool:
    """As `microphone.card` of the agent's settings: what may be another card after a boot is no choice of one."""
    return not (text.isdigit() or text == "default" or text.startswith(("hw:", "plughw:")))


_CARD = Column(
    _is_card, "auto, or an id, VENDOR:PRODUCT, USB port or name as `reading-corner devices` shows it", "auto"
)

COLUMNS = {
    "hostname": Column(_is_hostname, "letters, digits and - (ASCII), 1 to 63 of them, the first a letter"),
    "address": Column(_is_address, "an IP address or a name that the network knows", "", needed=False),
    "device_id": Column(
        # Less than a relay takes: it is also a name in known_hosts and a word on SSH's command line.
        _is(r"[A-Za-z0-9][A-Za-z0-9._:@/+=-]{0,63}"),
        "letters, digits and any of '._:@/+=-' (ASCII), 1 to 64 of them, the first a letter or digit",
        "",
        needed=False,
    ),
    "board": _one_of("zero2w", "pi3", "pi4", "pi5", "debian"),
    "school_id": Column(
        _is(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"), "letters, digits, '.', '_' and '-' (ASCII), at most 64"
    ),
    "language": Column(_is(r"(es|en)-[A-Za-z0-9]+"), "es-REGION or en-REGION, as es-PR"),
    "grade": Column(_is(r"[0-5]"), "a whole number from 0 (kindergarten) to 5, or nothing", "", needed=False),
    "location": Column(bool, "text, or nothing", ""),
    "microphone": _CARD,
    "speaker": _CARD,
    "ring": _one_of("ws2812_spi", "apa102_spi", "pwm_leds", "none"),
}


def read(table: Path) -> list[Row]:
    """
    Read all devices, each a dictionary of all columns.

    Raises:
        BadTable: If anything in it is not usable.

    """
    lines, header, cells = _parsed(_text(table))
    columns = _columns(lines[0], header)
    problems: list[Problem] = []
    rows: list[tuple[int, Row]] = []
    for line, row in zip(lines[1:], cells, strict=True):
        if len(row) != len(columns):
            problems.append(Problem(line, "", f"{len(row)} cells", f"{len(columns)}, one for each column"))
            continue
        device = dict(zip(columns, (cell.strip() for cell in row), strict=True))
        problems += _wrong_cells(line, device)
        rows.append((line, _completed(device)))
    problems += _twice(rows)
    if problems:
        raise BadTable(sorted(problems, key=lambda problem: problem.line))
    return [row for _, row in rows]


def _text(table: Path) -> str:
    try:
        content = table.read_bytes()
    except OSError as trouble:
        found = f"{table}: {str(trouble.strerror).lower()}"
        raise BadTable([Problem(1, "", found, "a readable table")]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = content[: trouble.start].count(b"\n") + 1
        raise BadTable([Problem(line, "", "bytes that are not UTF-8", "a table saved as 'CSV UTF-8'")]) from None


def _parsed(text: str) -> tuple[list[int], list[str], list[list[str]]]:
    """The first line of each row, the header, and the rows; empty rows are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    begins = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(begins)
                rows.append(row)
            begins = reader.line_num + 1
    except csv.Error as trouble:
        expected = 'cells separated by commas, those with a comma or a " in "quotes", and each " doubled'
        raise BadTable([Problem(begins, "", f"a row that can not be read ({trouble})", expected)]) from None
    if not rows:
        raise BadTable([Problem(1, "", "an empty table", f"the columns {_names()}")])
    return lines, rows[0], rows[1:]


def _names() -> str:
    return ", ".join(COLUMNS)


def _columns(line: int, header: list[str]) -> list[str]:
    columns = [name.strip().lower() for name in header]
    problems = [
        Problem(line, "", f"the unknown column {_shown(name)}", f"some of {_names()}, separated by commas")
        for name in columns
        if name not in COLUMNS
    ]
    problems += [
        Problem(line, "", f"{columns.count(name)} columns {name}", "one") for name in COLUMNS if columns.count(name) > 1
    ]
    problems += [
        Problem(line, "", f"no column {name}", f"one, with {column.expected}")
        for name, column in COLUMNS.items()
        if column.needed and name not in columns
    ]
    if problems:
        raise BadTable(problems)
    return columns


def _wrong_cells(line: int, device: Row) -> Iterator[Problem]:
    for name, cell in device.items():
        column = COLUMNS[name]
        if not (column.will_do(cell) if cell else column.empty is not None):
            yield Problem(line, name, _shown(cell), column.expected)
        elif OF_ANSIBLE.search(cell) or not cell.isprintable():
            yield Problem(
                line, name, _shown(cell), "text of one line without {{, {% and {#, which Ansible would carry out"
            )


def _completed(device: Row) -> Row:
    row = {name: device.get(name) or column.empty or "" for name, column in COLUMNS.items()}
    row["address"] = row["address"] or row["hostname"]
    row["device_id"] = row["device_id"] or row["hostname"]
    return row


def _twice(rows: Sequence[tuple[int, Row]]) -> Iterator[Problem]:
    """Two devices that are one to somebody: to the network, to the relay, or two schools to Ansible."""
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    for line, row in rows:
        for name in ("hostname", "address", "device_id"):
            at, _ = seen.setdefault((name, row[name].lower()), (line, ""))
            if at != line and row[name]:
                yield Problem(line, name, f"{_shown(row[name])}, as in line {at}", "another for each device")
                break  # the others may only be empty, and so the hostname
        group = ("school_id", group_of_school(row).lower())
        at, school = seen.setdefault(group, (line, row["school_id"]))
        if school != row["school_id"]:
            found = f"{_shown(row['school_id'])}, and {_shown(school)} in line {at}"
            yield Problem(line, "school_id", found, "schools that differ in letters or digits, not only in their case")


def _shown(text: str) -> str:
    return repr(text if len(text) <= FOUND_CHARS else text[:FOUND_CHARS] + "…")


def group_of_school(row: Row) -> str:
    """Name the group of its school, in what Ansible takes for one."""
    return "school_" + re.sub(r"[.-]", "_", row["school_id"])
