"""What the agent costs on the machine, beside a bare loop in the same run: emulation is slow, but slow for both."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from agent.journal.lines import Line
from hw_tests.virtual_pi import places
from hw_tests.virtual_pi.build import Built
from hw_tests.virtual_pi.corner import GROUP, START_S, Corner, corner

WINDOW_S: Final = 30.0
"""Long enough that the agent's look at its health, once a minute, does not decide."""

BEHIND_S: Final = 5.0
"""After a press, until what it brings about once is over; and as much of a reply before and after `WINDOW_S` of it."""

PYTHON: Final = "/opt/reading-corner/current/venv/bin/python"


def measure(built: Built) -> list[str]:
    """Have a machine of its own live through a turn, and then a bare loop; return a table in Markdown."""
    with corner(built, places.figures()) as there:
        there.connect()
        there.teaches(since=there.provision())
        idle = _share(there)
        listening, speaking, turn = _of_a_turn(there)
        memory, start_s = _memory(there), _start_s(there)
        there.pi.ssh("systemctl stop reading-corner")
        bare = _bare(there)
    return _table(bare, {"idle": idle, "listening": listening, "speaking": speaking}, turn, memory, start_s)


def _of_a_turn(there: Corner) -> tuple[float, float, dict[str, int]]:
    mark, begin = there.journal.mark(), there.played()
    there.relay.tutor.seconds = WINDOW_S + 2 * BEHIND_S
    pitch = there.relay.tutor.pitch(len(there.relay.tutor.heard))
    there.pi.press()
    with _spoken_to(there):
        time.sleep(BEHIND_S)
        listening = _share(there)
    there.pi.release()
    there.until_sounds(pitch, begin)
    speaking = _share(there)
    told = there.journal.until(Line.TURN, mark, START_S)
    return listening, speaking, {name: int(told[f"AGENT_{name.upper()}"]) for name in ("underruns", "overruns")}


@contextmanager
def _spoken_to(there: Corner) -> Iterator[None]:
    """Somebody speaks without a pause."""
    wav = "/opt/reading-corner/current/venv/lib/python3*/site-packages/agent/speech/en-long.wav"
    play = f"while aplay -q -D plughw:CARD=Loopback,DEV=1 {wav}; do :; done"
    there.pi.ssh(f"systemd-run --quiet --unit=student sh -c '{play}'")
    try:
        yield
    finally:
        there.pi.ssh("systemctl stop student")


def _share(there: Corner) -> float:
    """Percent of a core that the service uses for a while, measured by the machine itself."""
    look = f"awk '/^usage_usec/ {{ print $2 }}' {GROUP}/cpu.stat; cut -d' ' -f1 /proc/uptime"
    said = [float(number) for number in there.pi.ssh(f"{look}; sleep {WINDOW_S:g}; {look}").split()]
    used_us, up_s, used_then_us, up_then_s = said
    return (used_then_us - used_us) / 1e4 / (up_then_s - up_s)


def _memory(there: Corner) -> dict[str, float]:
    """RSS and PSS of the service's process in MB."""
    said = there.pi.ssh(f"cat /proc/{there.main_pid()}/smaps_rollup").splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in said if line.endswith("kB")}
    return {"RSS": sizes["Rss"], "PSS": sizes["Pss"]}


def _start_s(there: Corner) -> float:
    began, ended = (int(there.shown(f"{name}TimestampMonotonic")) for name in ("ExecMainStart", "ActiveEnter"))
    return (ended - began) / 1e6


def _bare(there: Corner) -> dict[str, float]:
    script = Path(__file__).with_name("bare_loop.py").read_text()
    told: dict[str, float] = json.loads(there.pi.ssh(f"{PYTHON} - {WINDOW_S:g}", script))
    return told


def _table(
    bare: dict[str, float], shares: dict[str, float], turn: dict[str, int], memory: dict[str, float], start_s: float
) -> list[str]:
    base = bare["percent"]
    rows = [
        (f"CPU of a core, {name}", f"{share:.1f} %", f"{base:.1f} %", f"{share / base:.1f}")
        for name, share in shares.items()
    ]
    rows += [(f"{name}: that turn; {WINDOW_S:g} s", str(count), f"{bare[name]:g}", "") for name, count in turn.items()]
    rows += [(f"memory, {name}", f"{size:.1f} MB", "", "") for name, size in memory.items()]
    rows.append(("start to READY=1", f"{start_s:.1f} s", "", ""))
    head = ["| what | agent | bare loop | ratio |", "|---|---|---|---|"]
    busy = f"Host: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}."
    return [*head, *(f"| {' | '.join(row)} |" for row in rows), "", busy]
