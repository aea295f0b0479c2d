"""The two sockets of the emulator: its monitor (QMP), and its pins (qtest). Each call is a connection of its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

from hw_tests.virtual_pi.host import Trouble

PATIENCE_S: Final = 20.0
"""The emulator answers in less than a millisecond, but for when another connection is being served."""


def pins(path: Path, *commands: str) -> list[str]:
    """
    Say commands of qtest, one after the other, and return what follows "OK" in each answer.

    Raises:
        Trouble: If nobody answers, or one was refused.

    """
    with _connected(path) as file:
        return [_pin_answer(file, command) for command in commands]


def _pin_answer(file: TextIO, command: str) -> str:
    file.write(f"{command}\n")
    file.flush()
    for line in file:
        verdict, _, rest = line.strip().partition(" ")
        if verdict == "OK":
            return rest
        if verdict != "IRQ":  # what the emulator tells of its own accord
            raise Trouble(f"{command}: {line.strip()}")
    raise Trouble(f"{command}: the machine has ended")


def monitor(path: Path, command: str, *, until: str = "", **arguments: object) -> Any:
    """
    Give a command of QMP and return its answer, after the event `until` if one is named.

    Raises:
        Trouble: If nobody answers, or it was refused.

    """
    with _connected(path) as file:
        json.loads(file.readline())
        _answer(file, "qmp_capabilities", {})
        answer, events = _answer(file, command, arguments)
        while until and until not in events:
            events.append(_message(file).get("event"))
        return answer


@contextmanager
def bringing(path: Path, event: str, within_s: float) -> Iterator[None]:
    """
    Wait, at the end of the context, for an event of QMP that what is done in it brings about.

    Raises:
        Trouble: If nobody answers, or it does not come.

    """
    with _connected(path, within_s) as file:
        json.loads(file.readline())
        _answer(file, "qmp_capabilities", {})
        yield
        while _message(file).get("event") != event:
            pass


def _answer(file: TextIO, command: str, arguments: dict[str, object]) -> tuple[Any, list[Any]]:
    file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    file.flush()
    events: list[Any] = []
    while True:
        message = _message(file)
        if "error" in message:
            raise Trouble(f"{command}: {message['error']['desc']}")
        if "return" in message:
            return message["return"], events
        events.append(message.get("event"))


def _message(file: TextIO) -> dict[str, Any]:
    line = file.readline()
    if not line:
        raise Trouble("the machine has ended")
    message: dict[str, Any] = json.loads(line)
    return message


@contextmanager
def _connected(path: Path, patience_s: float = PATIENCE_S) -> Iterator[TextIO]:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(patience_s)
        try:
            connection.connect(str(path))
            with connection.makefile("rw") as file:
                yield file
        except OSError as trouble:
            raise Trouble(f"no machine answers at {path}: {trouble}") from None
