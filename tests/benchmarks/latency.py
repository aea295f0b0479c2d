"""
How long everything takes that a child or the far end would notice: `python -m tests.benchmarks.latency`.

Real time, real threads, a real socket on loopback, the relay in a process of its own, the student on a thread of their
own. Each figure stands beside its budget, and beside what a bare loop on the same devices needs in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import sys
import time

import numpy as np

from agent.app import Agent, monotonic
from agent.audio.concealment import JOIN_SAMPLES
from agent.devices.ports import Devices
from agent.link.dialler import dialler
from agent.link.token import VARIABLE
from agent.settings import Settings
from agent.simulator.button import FingerButton
from agent.simulator.lesson import SPEECH
from agent.simulator.ring import MemoryRing
from agent.simulator.wav import read_wav
from agent.units import SAMPLES_PER_MS, milliseconds
from tests.benchmarks import floor
from tests.benchmarks.rig import StampedMicrophone, StampedSpeaker, StampedTransport, machine, markdown, relay
from tests.benchmarks.student import News, Student

QUESTION_MS = (500, 900)
LISTENING_S = (0.5, 1.0)
"""How long a question lasts, and how long the student listens to the reply before they interrupt it."""

SOON_S = 0.5
"""A cut that comes later after a press has another reason."""

HINT_MS, ALIKE = 300, 0.95
"""How far from `audio_end_ms` the place in the reply is looked for, and the correlation from which it is found."""

NOT_SHOWN = """
Heard means: the sample's turn at the simulated card, a clock that is exact to the sample and holds 30 ms. Not shown:
ALSA and the delay of a real card behind its port, a Pi (several times slower), a network (loopback), TLS, GPIO (the
press is a call on a thread of its own). The devices, the student and the stamps run in the agent's interpreter and cost
it time."""


class Run:
    """One agent and one student for some turns, then some reconnects; the moments of everything are kept."""

    def __init__(self, url, environ):
        self.microphone, self.speaker, self.button = StampedMicrophone(), StampedSpeaker(), FingerButton(monotonic)
        self.news = News()
        self.student = Student(self.microphone, self.button, self.news)
        self.sent, self.received, self.dials, self.ups = [], [], [], []
        self.settings = Settings().with_relay(url)
        self._connect = dialler(self.settings, environ, monotonic)
        self.underruns = self.talked_s = 0

    def note(self, kind, *, at=None, **facts):
        """Observe the agent."""
        if kind == "link" and facts["up"]:
            self.ups.append(monotonic())
        self.news.note(kind, at=at, **facts)

    async def live(self, turns, reconnects):
        """Talk and interrupt, then lose the link again and again."""
        ring = MemoryRing(self.settings.ring.leds)
        devices = Devices(self.microphone, self.speaker, self.button, ring)
        agent = Agent(devices, self._dial, self.settings, self)
        running = asyncio.create_task(agent.run())
        began = monotonic()
        await asyncio.to_thread(self._talk, turns)
        self.talked_s, self.underruns = monotonic() - began, agent.playout.underruns
        for _ in range(reconnects):
            agent.link.redial()
            await asyncio.to_thread(self.news.wait, "link", self.news.count("link") + 1)  # down, then up
        await agent.stop()
        await running

    def _talk(self, turns):
        if not self.ups:
            self.news.wait("link", 0)
        voices = [read_wav(wav) for wav in sorted(SPEECH.glob("*-short.wav"))]
        for turn in range(turns):
            samples = random.randint(*QUESTION_MS) * SAMPLES_PER_MS
            self.student.ask_and_wait(voices[turn % len(voices)][:samples], "sound")
            time.sleep(random.uniform(*LISTENING_S))
        self.student.ask(voices[0][:0])  # a tap: enough
        time.sleep(SOON_S)

    async def _dial(self):
        self.dials.append(monotonic())
        return StampedTransport(await self._connect(), self.sent, self.received)


def silences(run):
    """Per barge-in, in seconds from the press: until the last whole sample was heard, until the fade was."""
    cuts = [
        next((cut for cut in run.speaker.cuts if 0 < cut.dropped_at - at < SOON_S), None) for at in run.student.presses
    ]
    pairs = [(cut, at) for cut, at in zip(cuts, run.student.presses, strict=True) if cut]
    return np.array([cut.dropped_at - at for cut, at in pairs]), np.array([cut.faded_at - at for cut, at in pairs])


def commits(run):
    """Per turn: seconds from the release to the commit on the socket."""
    moments = [at for at, message in run.sent if "input_audio_buffer.commit" in message[:80]]
    return _following(run.student.releases[: len(moments)], moments)


def uplink(run):
    """Seconds from the converter to the socket, of every sample and of the first of each message."""
    waited = []
    for at, message in run.sent:
        if "input_audio_buffer.append" in message[:60]:
            pcm = np.frombuffer(base64.b64decode(json.loads(message)["audio"]), np.int16)
            waited.append(at - run.microphone.captured(pcm))
    return np.concatenate(waited), np.array([samples[0] for samples in waited])


def first_sounds(run):
    """Per reply: seconds from its first delta's arrival to the write of its first sample, and until that was heard."""
    firsts = {}
    for at, event in _deltas(run):
        firsts.setdefault(event["response_id"], at)
    return _following(firsts.values(), run.speaker.written), _following(firsts.values(), run.speaker.heard)


def excesses(run):
    """
    Per truncate: `audio_end_ms` less the milliseconds of the item that were really heard, the fade left out.

    What was heard is not counted but found: the last 100 ms before the cut are looked for in the item as it arrived.
    """
    items, found = {}, []
    for _, event in _deltas(run):
        items.setdefault(event["item_id"], []).append(base64.b64decode(event["delta"]))
    for at, message in run.sent:
        if "conversation.item.truncate" in message[:80]:
            event = json.loads(message)
            cut = [cut for cut in run.speaker.cuts if cut.dropped_at < at][-1]
            item = np.frombuffer(b"".join(items[event["item_id"]]), np.int16)
            found.append(event["audio_end_ms"] - _place(item, cut.last, event["audio_end_ms"]))
    return np.array(found)


def _place(item, last, near_ms):
    """The millisecond of the item at which what sounded last ends; not a number where it is not to be found."""
    begin = max(0, (near_ms - HINT_MS) * SAMPLES_PER_MS - len(last))
    around = item[begin : (near_ms + HINT_MS) * SAMPLES_PER_MS].astype(np.float64)
    template = last.astype(np.float64)
    energies = np.convolve(around**2, np.ones(len(last)), "valid")
    alike = np.correlate(around, template, "valid") / np.sqrt(energies * (template @ template) + 1)
    best = int(np.argmax(alike))
    return (begin + best + len(last)) / SAMPLES_PER_MS if alike[best] > ALIKE else np.nan


def _deltas(run):
    for at, message in run.received:
        if "response.output_audio.delta" in message[:80]:
            yield at, json.loads(message)


def _following(begins, ends):
    """Seconds from each moment to the first of the others that is not before it."""
    ends = np.sort(np.array(ends))
    return np.array([ends[np.searchsorted(ends, begin)] - begin for begin in begins])


def ms(seconds, *percentiles):
    """Percentiles of some durations, in words."""
    values = [f"p{p} {np.percentile(seconds, p) * 1000:.1f}" for p in percentiles]
    return ", ".join([*values, f"worst {np.max(seconds) * 1000:.1f} ms"])


def table(run, bare_speaker, bare_microphone, bare_dial):
    """All figures."""
    dropped, faded = silences(run)
    every, first = uplink(run)
    written, heard = first_sounds(run)
    excess = excesses(run)
    known = excess[~np.isnan(excess)]
    dials = _following(run.dials, run.ups)[1:]
    rows = [
        ("press to last whole sample heard", "", ms(dropped, 50, 95, 99), ms(bare_speaker, 50, 95, 99), len(dropped)),
        (
            "press to silence, fade included",
            "p95 10, p99 30 ms",
            ms(faded, 50, 95, 99),
            "as above, no fade",
            len(faded),
        ),
        (
            "release to commit on the socket",
            "p99 25 ms",
            ms(commits(run), 50, 99),
            ms(bare_microphone[2], 50, 99),
            len(commits(run)),
        ),
        (
            "microphone sample to its message on the socket, every sample",
            "p95 45 ms",
            ms(every, 50, 95),
            ms(bare_microphone[0], 50, 95),
            len(every),
        ),
        (
            "same, the first sample of each message only",
            "",
            ms(first, 50, 95),
            ms(bare_microphone[1], 50, 95),
            len(first),
        ),
        (
            "first delta to first sample written, quiet link",
            "30 ms",
            ms(written, 50, 95),
            ms(bare_speaker, 50, 95),
            len(written),
        ),
        ("first delta to first sample heard (30 ms card)", "", ms(heard, 50, 95), "", len(heard)),
        ("reconnect: dial to session agreed on", "300 ms", ms(dials, 50, 95), ms(bare_dial, 50, 95), len(dials)),
        (
            "`audio_end_ms` less what was heard",
            "> -20, <= 0 ms",
            f"min {known.min() - milliseconds(JOIN_SAMPLES):.1f} (with the fade), max {known.max():.1f} ms (without)",
            "",
            f"{len(known)} of {len(excess)}",
        ),
        ("underruns, overruns", "0", f"{run.underruns}, {run.microphone.overruns}", "", f"{run.talked_s:.0f} s"),
    ]
    return markdown(("what", "budget", "agent", "bare loop", "n"), rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100, help="of about two seconds each, every reply interrupted")
    parser.add_argument("--reconnects", type=int, default=20)
    arguments = parser.parse_args()
    with relay() as (url, environ):
        bare_speaker, bare_microphone = floor.speaker(arguments.turns), floor.microphone(arguments.turns)
        bare_dial = floor.dial(url, environ[VARIABLE], arguments.reconnects)
        run = Run(url, environ)
        asyncio.run(run.live(arguments.turns, arguments.reconnects))
    sys.stdout.write(f"{machine()}\n\n{table(run, bare_speaker, bare_microphone, bare_dial)}\n{NOT_SHOWN}\n")


if __name__ == "__main__":
    main()
