"""
What a child would notice on real ALSA: `python -m tests.benchmarks.sound_rig`, with a sound server of its own.

The agent's own rooms play to and hear from PulseAudio's null sinks through ALSA; its button is a mock pin, its relay a
process. Who speaks and who listens are processes, too. A bare loop on the same devices says what the rig adds.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import multiprocessing
import random
import re
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import alsaaudio
import numpy as np
from gpiozero.pins.mock import MockFactory

from agent.app import Agent, monotonic
from agent.devices.gpio import GpioButton
from agent.link.dialler import dialler
from agent.settings import Settings
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ
from tests.benchmarks.rig import StampedTransport, machine, markdown, relay
from tests.benchmarks.student import News
from tests.sound.corner import devices
from tests.sound.server import private_server

PIN = 17
TONE_HZ, LEVEL = 500, 6000
LOUD = 300
"""Samples above this are sound: resampling and fading leave nothing of the kind behind."""

EAR_HZ, EAR_PERIOD = 48_000, 240
"""The listener in the room: at the sink's own rate, 5 ms at a time."""

QUESTION_S, LISTENING_S, FINGER_S = 0.8, (0.25, 0.6), 0.1
"""A parrot says the question back: it is interrupted before that is over."""

CLICK_SAMPLES, CLICK_GAPS_S = 24, (0.25, 0.4)
"""One millisecond, far enough apart to be told from each other when the rig is late."""

SOON_S = 0.22
"""What is heard later after a press has another reason."""

NOT_SHOWN = """
Silence begins after the last sample above 1 % in the monitor of the speaker's sink, fade included, which a listener in
another process has 5 ms at a time; a click counts from its write into the microphone's sink. The bare loops (5 lines of
pyalsaaudio that drop at their next period, or read) say how much of that is the rig's. Not shown: a card's own buffers
(USB moves a few ms ahead), a Pi (several times slower), a network, TLS. PSS moves by megabytes as other processes that
map the same files come and go; what the agent might leak is anonymous."""

SPAWN = multiprocessing.get_context("spawn")


def tone(seconds):
    """Something that is never silent."""
    return (LEVEL * np.sin(np.arange(round(seconds * SAMPLE_RATE_HZ)) * 2 * np.pi * TONE_HZ / SAMPLE_RATE_HZ)).astype(
        "<i2"
    )


def bare_pcm(kind, device, rate, period, periods):
    """What anybody would open: 16 bits, mono, blocking."""
    return alsaaudio.PCM(
        type=kind, mode=alsaaudio.PCM_NORMAL, device=device, rate=rate, channels=1,
        format=alsaaudio.PCM_FORMAT_S16_LE, periodsize=period, periods=periods,
    )  # fmt: skip


def listen(pipe, device, rate, period):
    """Be a process that hears everything until it is asked: [(moment, bytes), ...], moments of having them."""
    pcm, blocks = bare_pcm(alsaaudio.PCM_CAPTURE, device, rate, period, 20), []
    pcm.read()
    pipe.send("listening")
    while not pipe.poll():
        count, data = pcm.read()
        if count > 0:
            blocks.append((monotonic(), data))
    pipe.send(blocks)
    pcm.close()


def speak(pipe):
    """Be a process that says what it is sent, silence else; answers with the moment of writing each period."""
    pcm = bare_pcm(alsaaudio.PCM_PLAYBACK, "rig_voice", SAMPLE_RATE_HZ, PERIOD_SAMPLES, 3)
    silence = bytes(2 * PERIOD_SAMPLES)
    dry = 0
    while True:
        if not pipe.poll():
            dry += pcm.write(silence) < 0
            continue
        sound = pipe.recv()
        if sound is None:
            break
        moments = []
        for begin in range(0, len(sound), len(silence)):
            moments.append(monotonic())
            dry += pcm.write(sound[begin : begin + len(silence)].ljust(len(silence), b"\0")) < 0
        pipe.send((moments, dry))
    pcm.drop()
    pcm.close()


@contextmanager
def apart(work, *arguments):
    """A process that does this; the other end of its pipe."""
    mine, its = SPAWN.Pipe()
    process = SPAWN.Process(target=work, args=(its, *arguments), daemon=True)
    process.start()
    try:
        yield mine
    finally:
        process.terminate()
        process.join()


class Sound:
    """What a listener heard: samples, and the moment of each."""

    def __init__(self, blocks, rate):
        self.samples = np.frombuffer(b"".join(data for _, data in blocks), "<i2")
        self.had = np.repeat([at for at, _ in blocks], [len(data) // 2 for _, data in blocks])
        """When the listener had it in hand."""
        behind = np.concatenate([np.arange(len(data) // 2, 0, -1) for _, data in blocks])
        self.moments = self.had - behind / rate

    def silent_after(self, press):
        """Seconds from the press to the last sound; None if there was none to end, or it went on. (-1 ms was seen.)"""
        window = (self.moments > press - 0.02) & (self.moments < press + SOON_S)
        loud = self.moments[window & (np.abs(self.samples.astype(np.int32)) > LOUD)]
        return loud[-1] - press if len(loud) and loud[-1] < press + SOON_S - 0.01 else None


def clicks_in(samples, moments):
    """The moment of each click's first loud sample."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > LEVEL // 2)
    firsts = loud[np.diff(loud, prepend=-SAMPLE_RATE_HZ) > SAMPLE_RATE_HZ // 10]
    return np.asarray(moments)[firsts]


def floor(times):
    """Press to silence with a bare loop that drops at its next period, in seconds."""
    pcm = bare_pcm(alsaaudio.PCM_PLAYBACK, "rig_speaker", SAMPLE_RATE_HZ, PERIOD_SAMPLES, 3)
    sound, silence = tone(PERIOD_SAMPLES / SAMPLE_RATE_HZ).tobytes(), bytes(2 * PERIOD_SAMPLES)
    asked, over, presses = threading.Event(), threading.Event(), []

    def loop():
        quiet = 0
        while not over.is_set():
            if asked.is_set():
                asked.clear()
                pcm.drop()
                quiet = 40
            pcm.write(silence if quiet else sound)
            quiet = max(0, quiet - 1)

    with apart(listen, "rig_room", EAR_HZ, EAR_PERIOD) as ear:
        ear.recv()
        thread = threading.Thread(target=loop)
        thread.start()
        for _ in range(times):
            time.sleep(random.uniform(0.8, 1.0))
            presses.append(monotonic())
            asked.set()
        time.sleep(0.5)
        ear.send("tell")
        heard = Sound(ear.recv(), EAR_HZ)
        over.set()
        thread.join()
    pcm.drop()
    pcm.close()
    return found(heard.silent_after(press) for press in presses)


def found(values):
    """Those that there are."""
    return np.array([value for value in values if value is not None])


class Run:
    """One agent on the rig and one student who presses its pin; moments of presses and messages are kept."""

    def __init__(self, url, environ, *, keep_messages):
        self._settings = Settings().with_relay(url)
        self._connect, self._keep = dialler(self._settings, environ, monotonic), keep_messages
        self._pins = MockFactory()
        self._button = GpioButton(PIN, True, self._pins, monotonic)
        self.news, self.presses, self.sent, self.received = News(), [], [], []
        self.devices = devices(self._button)
        self.underruns = 0

    async def live(self, script):
        """Let `script(run)` happen on a thread of its own once there is a session."""
        agent = Agent(self.devices, self._dial, self._settings, self.news)
        running = asyncio.create_task(agent.run())
        await asyncio.to_thread(self.news.wait, "link", 0)
        await asyncio.sleep(2.5)  # a sound server looks after its first streams every two seconds
        self.underruns = -agent.playout.underruns
        try:
            await asyncio.to_thread(script, self)
        finally:
            self.underruns += agent.playout.underruns
            await agent.stop()
            await running
            self.devices.close()
            self._pins.close()

    def press(self):
        """Put the finger down, at the moment that is kept."""
        self.presses.append(monotonic())
        self._pins.pin(PIN).drive_low()

    def release(self):
        """Lift it."""
        self._pins.pin(PIN).drive_high()

    def ask(self, mouth, question, kind):
        """Press, say it, release, and wait for this of the reply."""
        before = self.news.count(kind)
        self.press()
        mouth.send(question)
        mouth.recv()
        time.sleep(FINGER_S)
        self.release()
        self.news.wait(kind, before)

    async def _dial(self):
        transport = await self._connect()
        return StampedTransport(transport, self.sent, self.received) if self._keep else transport


def barge_ins(url, environ, times):
    """Press of the pin to silence, with the whole agent, in seconds."""
    question = tone(QUESTION_S).tobytes()

    def script(run):
        for _ in range(times):
            run.ask(mouth, question, "sound")
            time.sleep(random.uniform(*LISTENING_S))
        run.press()
        time.sleep(SOON_S)
        run.release()

    with apart(speak) as mouth, apart(listen, "rig_room", EAR_HZ, EAR_PERIOD) as ear:
        ear.recv()
        run = Run(url, environ, keep_messages=False)
        asyncio.run(run.live(script))
        ear.send("tell")
        heard = Sound(ear.recv(), EAR_HZ)
    return found(heard.silent_after(press) for press in run.presses[1:])


def clicks(url, environ, times):
    """From the write of a click to a bare loop that reads it, and to its message on the socket, in seconds."""
    sound = np.zeros(0, "<i2")
    places = []
    for _ in range(times):
        sound = np.concatenate((sound, np.zeros(round(random.uniform(*CLICK_GAPS_S) * SAMPLE_RATE_HZ), "<i2")))
        places.append(len(sound))
        sound = np.concatenate((sound, np.full(CLICK_SAMPLES, 2 * LEVEL, "<i2")))
    written = []

    def script(run):
        run.press()
        mouth.send(np.concatenate((sound, np.zeros(SAMPLE_RATE_HZ // 2, "<i2"))).tobytes())
        moments, _ = mouth.recv()
        written.extend(moments[at // PERIOD_SAMPLES] + at % PERIOD_SAMPLES / SAMPLE_RATE_HZ for at in places)
        run.release()
        time.sleep(SOON_S)
        run.press()
        run.release()

    with apart(speak) as mouth, apart(listen, "rig_microphone", SAMPLE_RATE_HZ, PERIOD_SAMPLES) as ear:
        ear.recv()
        run = Run(url, environ, keep_messages=True)
        asyncio.run(run.live(script))
        ear.send("tell")
        bare = Sound(ear.recv(), SAMPLE_RATE_HZ)
    sent = [(at, _audio(message)) for at, message in run.sent if "input_audio_buffer.append" in message[:80]]
    samples = np.concatenate([audio for _, audio in sent])
    moments = np.repeat([at for at, _ in sent], [len(audio) for _, audio in sent])
    return _after(written, clicks_in(bare.samples, bare.had)), _after(written, clicks_in(samples, moments))


def _audio(message):
    return np.frombuffer(base64.b64decode(json.loads(message)["audio"]), "<i2")


def _after(begins, ends):
    """Seconds from each moment to the first of the others that follows soon."""
    return found(next((end - begin for end in ends if 0 < end - begin < SOON_S), None) for begin in begins)


def conversation(url, environ, minutes):
    """Underruns of the agent and of a bare loop beside it, anonymous memory after a minute and at the end, turns."""
    question, memory, dry, turns = tone(QUESTION_S).tobytes(), [], [], [0]

    def script(run):
        began = monotonic()
        while monotonic() - began < 60 * minutes:
            run.ask(mouth, question, "heard")
            turns[0] += 1
            if not memory and monotonic() - began > min(60, 30 * minutes):
                memory.append(pss_mb("_Anon"))
        memory.append(pss_mb("_Anon"))
        mouth.send(b"")
        dry.append(mouth.recv()[1])

    with apart(speak) as mouth:
        run = Run(url, environ, keep_messages=False)
        asyncio.run(run.live(script))
    return run.underruns, dry[0], memory, turns[0]


def pss_mb(part=""):
    """Proportional memory of this process, or a part of it: "_Anon" is what no file backs, and nobody else shares."""
    rollup = Path("/proc/self/smaps_rollup").read_text("ascii")
    return int(re.search(rf"^Pss{part}: +(\d+) kB", rollup, re.MULTILINE)[1]) / 1024


def ms(seconds, *percentiles):
    """Percentiles of some durations, in words."""
    values = [f"p{p} {np.percentile(seconds, p) * 1000:.1f}" for p in percentiles]
    return ", ".join([*values, f"worst {np.max(seconds) * 1000:.1f} ms"])


def latencies(url, environ, times, count):
    """The rows of the table about time."""
    bare, silent = floor(times), barge_ins(url, environ, times)
    had, sent = clicks(url, environ, count)
    silence, click = 30 + np.percentile(bare, 99) * 1000, 45 + np.percentile(had, 95) * 1000
    return [
        (
            "press of the pin to silence in the speaker's monitor",
            f"p99 30 ms + the rig's: {silence:.0f} ms",
            ms(silent, 50, 95, 99),
            ms(bare, 50, 95, 99),
            f"{len(silent)}, {len(bare)} of {times}",
        ),
        (
            "click in the microphone's sink to its message on the socket",
            f"p95 45 ms + the rig's: {click:.0f} ms",
            ms(sent, 50, 95),
            ms(had, 50, 95),
            f"{len(sent)}, {len(had)} of {count}",
        ),
    ]


def endurance(url, environ, minutes):
    """The rows of the table about a conversation."""
    underruns, dry, (first, last), turns = conversation(url, environ, minutes)
    many = f"{minutes:g} min, {turns} turns"
    return [
        ("underruns", "0", underruns, dry, many),
        ("growth of anonymous memory after the first minute", "1 MB", f"{last - first:.2f} MB", "", many),
        ("PSS at the end, with the student", "", f"{pss_mb():.1f} MB, {last:.1f} of it anonymous", "", many),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=60, help="barge-ins, of about two seconds each")
    parser.add_argument("--clicks", type=int, default=100, help="at most 120: they are one utterance")
    parser.add_argument(
        "--minutes", type=float, default=0, help="of conversation, for underruns and memory; 0 for none"
    )
    arguments = parser.parse_args()
    rows = []
    with private_server(), relay("parrot") as (url, environ):
        if arguments.minutes:  # first: what the others leave free would hide what it takes
            rows += endurance(url, environ, arguments.minutes)
        if arguments.times:
            rows += latencies(url, environ, arguments.times, arguments.clicks)
    table = markdown(("what", "budget", "agent", "bare loop", "n"), rows)
    sys.stdout.write(f"{machine()}\n\n{table}\n{NOT_SHOWN}\n")


if __name__ == "__main__":
    main()
