"""
What the agent costs a machine: start-up, processor, memory: `python -m tests.benchmarks.footprint`.

The agent runs without a screen in a process of its own, the relay in another; beside each figure stands what bare loops
over the same simulated devices cost in the same process with the same imports.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from agent.app import monotonic
from tests.benchmarks.rig import machine, markdown, relay

START_S = 1.2
"""The budget; beyond it the heaviest imports are told."""

STARTS, IDLE_S, TALK_S = 5, 30.0, 60.0

SETTLING_S = 3.0
"""Before a measurement: what came before it, such as the end of a turn, is not to be measured with it."""

NOT_SHOWN = """
CPU is all threads of the process, the simulated devices and the student's thread included, in per cent of one core.
PSS counts pages that other processes share only in part (here the relay, another Python, shares many); RSS counts them
whole, so what a lone agent takes lies between. Not shown: ALSA, a card, a ring on SPI, a Pi (several times slower),
TLS, a cold file cache (the median start is a warm one). On a shared virtual machine the ratio to the bare loops says
more than the per cent: a playout step that takes 11 us back to back took 120 to 180 us after 10 ms of sleep there, for
its caches were cold."""


class Process:
    """One headless process."""

    def __init__(self, *arguments, environ):
        command = [sys.executable, "-m", "tests.benchmarks.headless", *arguments]
        began = monotonic()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environ}
        )
        self.start_s = float(self._heard("up")) - began
        self._heard("rest")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(30)

    def talk(self):
        """Let the student ask and the tutor answer, again and again."""
        self._tell("talk")

    def rest(self):
        """Wait until the turn is over; tell how many there were."""
        self._tell("rest")
        turns = int(self._heard("rest"))
        time.sleep(SETTLING_S)
        return turns

    def share(self, seconds):
        """Per cent of a core over so many seconds from now."""
        before, began = self._cpu(), monotonic()
        time.sleep(seconds)
        return 100 * (self._cpu() - before) / (monotonic() - began)

    def memory(self):
        """PSS and RSS in MB."""
        rollup = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text("ascii")
        return tuple(int(re.search(rf"^{kind}: +(\d+) kB", rollup, re.MULTILINE)[1]) / 1024 for kind in ("Pss", "Rss"))

    def _cpu(self):
        stat = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")  # utime, stime: proc_pid_stat(5)

    def _tell(self, order):
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()

    def _heard(self, word):
        line = self._process.stdout.readline().split()
        if line[:1] != [word]:
            raise RuntimeError(f"expected {word!r} of the process, heard {line}")
        return line[1]


def starts(*arguments, environ):
    """Seconds of some starts of the process until it is up."""
    found = []
    for _ in range(STARTS):
        with Process(*arguments, environ=environ) as process:
            found.append(process.start_s)
    return found


def bare(environ):
    """Per cent of a core, and PSS and RSS, of the bare loops."""
    with Process("bare", environ=environ) as process:
        time.sleep(SETTLING_S)
        return process.share(IDLE_S), process.memory()


def conversation(url, environ, minutes):
    """Shares of a core idle and in conversation; memory after the start, a minute of talk, and all; turns."""
    with Process("agent", url, environ=environ) as process:
        time.sleep(SETTLING_S)
        idle, memory = process.share(IDLE_S), [process.memory()]
        process.talk()
        talking = process.share(TALK_S)
        process.rest()
        memory.append(process.memory())
        process.talk()
        time.sleep(max(0.0, 60 * minutes - TALK_S))
        turns = process.rest()
        memory.append(process.memory())
    return idle, talking, memory, turns


def heaviest_imports(count=3):
    """The packages that take longest to import, with milliseconds of their own."""
    command = [sys.executable, "-X", "importtime", "-c", "import tests.benchmarks.headless"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    took = Counter()
    for own, module in re.findall(r"^import time: +(\d+) \| +\d+ \| +([\w.]+)", told, re.MULTILINE):
        took[module.split(".")[0]] += int(own) / 1000
    return ", ".join(f"{package} {spent:.0f} ms" for package, spent in took.most_common(count))


def table(agent_starts, bare_starts, bare_costs, found, minutes):
    """All figures."""
    idle, talking, (first, early, last), turns = found
    bare_shares, bare_memories = zip(*bare_costs, strict=True)
    usual = statistics.mean(bare_shares)
    rows = [
        (
            "start of the process to connected",
            f"{START_S} s",
            _span(agent_starts),
            _span(bare_starts) + " to its loops",
        ),
        (
            f"CPU of one core, idle, {IDLE_S:.0f} s",
            "1 %",
            _share(idle, usual),
            " and ".join(f"{share:.1f} %" for share in bare_shares),
        ),
        (f"CPU of one core, in conversation, {TALK_S:.0f} s", "8 %", _share(talking, usual), "as above"),
        ("memory after start, PSS / RSS", "45 MB", _mb(first), _mb(bare_memories[0])),
        (f"memory after {minutes:g} min of conversation ({turns} turns)", "45 MB", _mb(last), ""),
        ("growth from the first minute to the last", "1 MB", _mb(b - a for a, b in zip(early, last, strict=True)), ""),
        ("growth from the start to the first minute", "", _mb(b - a for a, b in zip(first, early, strict=True)), ""),
    ]
    return markdown(("what", "budget", "agent", "bare loops"), rows)


def _span(seconds):
    return f"median {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def _share(share, usual):
    return f"{share:.1f} %, {share / usual:.1f} times the bare loops"


def _mb(pss_and_rss):
    return " / ".join(f"{each:.1f}" for each in pss_and_rss) + " MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="of conversation; at least one")
    minutes = max(1.0, parser.parse_args().minutes)
    with relay() as (url, environ):
        agent_starts, bare_starts = starts("agent", url, environ=environ), starts("bare", environ=environ)
        bare_costs = [bare(environ)]
        found = conversation(url, environ, minutes)
        bare_costs.append(bare(environ))  # before and after: what a virtual machine calls a per cent varies
    sys.stdout.write(f"{machine()}\n\n{table(agent_starts, bare_starts, bare_costs, found, minutes)}\n{NOT_SHOWN}\n")
    if statistics.median(agent_starts) > START_S:
        sys.stdout.write(f"\nThe heaviest imports: {heaviest_imports()}.\n")


if __name__ == "__main__":
    main()
