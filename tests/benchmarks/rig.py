"""
What the benchmarks stand on: a relay in a process of its own, devices and a socket that know their moments.

All moments are of the monotonic clock, which is one for all processes of a machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.app import monotonic
from agent.devices.wake import until_woken
from agent.link.token import VARIABLE
from agent.relay.registry import Registry
from agent.simulator.microphone import FileMicrophone
from agent.simulator.speaker import FileSpeaker
from agent.units import SAMPLE_RATE_HZ

DEVICE = "corner-1"
PERIOD_S = 0.010
TAIL_SAMPLES = 100 * SAMPLE_RATE_HZ // 1000
"""Of what sounded last before the speaker was made silent: enough to find its place in the reply."""

STAMP_BASE = 10_000
RELAY = "import sys; from agent.relay.cli import main; sys.exit(main())"


@contextmanager
def relay(tutor="scripted"):
    """A relay, in a process of its own: its address, and the environment of a device."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokens.sqlite"
        with closing(Registry(file)) as registry:
            token = registry.issue(DEVICE)
        command = [sys.executable, "-c", RELAY, "serve", "--port", "0", "--tutor", tutor, "--registry", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            try:
                yield process.stdout.readline().split()[-1], {VARIABLE: token}
            finally:
                process.terminate()


class StampedMicrophone(FileMicrophone):
    """A microphone that writes the number of each period into its first two samples."""

    def __init__(self):
        super().__init__(monotonic, time.sleep)
        self.began = None
        self._periods = 0

    def read(self):
        self.began = self.began or monotonic()
        pcm = super().read().copy()
        pcm[:2] = divmod(self._periods, STAMP_BASE)
        self._periods += 1
        return pcm

    def captured(self, stamped):
        """The moment at which each of these samples was complete at the converter; whole periods only."""
        first = int(stamped[0]) * STAMP_BASE + int(stamped[1])
        return self.began + first * PERIOD_S + (np.arange(len(stamped)) + 1) / SAMPLE_RATE_HZ


@dataclass
class Cut:
    """One barge-in at the speaker: when the queue was dropped, when the fade had sounded, what sounded last before."""

    dropped_at: float
    faded_at: float
    last: np.ndarray


class StampedSpeaker(FileSpeaker):
    """A speaker that remembers when periods with sound were written and heard, and every cut."""

    def __init__(self):
        super().__init__(monotonic, until_woken, tap=self._played)
        self.written, self.heard, self.cuts = [], [], []
        self._last = deque(maxlen=30)
        self._cut = None

    def write(self, pcm):
        now, queued = monotonic(), self.queued()
        sounding = np.flatnonzero(pcm)
        if self._cut and len(sounding):
            self._cut.faded_at = now + (sounding[-1] + 1) / SAMPLE_RATE_HZ
        elif len(sounding):
            self.written.append(now)
            self.heard.append(now + (queued + sounding[0]) / SAMPLE_RATE_HZ)
        self._cut = None
        return super().write(pcm)

    def drop(self):
        super().drop()
        now = monotonic()
        self._cut = Cut(now, now, np.concatenate((*self._last, np.zeros(0, np.int16)))[-TAIL_SAMPLES:])
        self.cuts.append(self._cut)

    def _played(self, pcm, _at):
        self._last.append(pcm)


class StampedTransport:
    """A connected socket that keeps every message with the moment after it was sent, or received."""

    def __init__(self, transport, sent, received):
        self._transport, self._sent, self._received = transport, sent, received

    @property
    def round_trip(self):
        return self._transport.round_trip

    def lifetime(self, expires_at):
        return self._transport.lifetime(expires_at)

    async def send(self, message):
        await self._transport.send(message)
        self._sent.append((monotonic(), message))

    async def receive(self):
        message = await self._transport.receive()
        self._received.append((monotonic(), message))
        return message

    async def close(self, code):
        await self._transport.close(code)


def machine():
    """What the figures were measured on."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    one, five, _ = os.getloadavg()
    return f"{os.cpu_count()} cores ({model}), load average {one:.1f} over 1 min, {five:.1f} over 5 min"


def markdown(head, rows):
    """One Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _lines(file):
    return Path(file).read_text("utf-8").splitlines()
