"""The relay of a school year: the stand-in service behind wires that can be troubled; it keeps nothing but counts."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import numpy as np

from agent.link.transport import DialFailed, LinkClosed
from agent.relay.dialogue import Dialogue
from agent.relay.reply import Spoken
from agent.relay.service import Service
from agent.relay.settings import RelaySettings
from agent.relay.tutors import ServiceTutor
from agent.relay.wire import parsed
from agent.units import SAMPLE_RATE_HZ
from tests.wire import Wire

HANDSHAKE_S = 0.05
CONFIGURATION = RelaySettings().session()

SESSION_S = 3600
"""The service's own cap on a session, told as its end and kept."""

SEEN_DEAD_S = 40.0
"""The longest that the library takes to notice by its pings (20 s, answered within 20 s) that nobody is there."""

BENIGN = {"response_cancel_not_active"}
"""A cancel that crosses the end of its response: no client can know. No other error is a correct client's."""

LONG_AGO = 4_000_000_000


class Line(Wire):
    """A wire that can be cut after so many bytes more, and whose ends notice late."""

    def __init__(self, delay):
        super().__init__(delay)
        self.is_hung = False
        """Whether whoever should answer sits still, while the socket is served and pings are answered."""
        self.noticed_at = 0.0
        """When the device has noticed at the latest whatever happened to the wire."""
        self._left = self._dies_in = None

    def cut_after(self, size, noticed_after):
        """Break when so many bytes more were sent, by either end."""
        self._left, self._dies_in = size, noticed_after

    def stall(self, seconds):
        super().stall(seconds)
        self._is_noticed_in(seconds)

    def carry(self, sender, size, arrive):
        if self._left is not None and not self.was_cut:
            self._left -= size
            if self._left < 0:
                self.break_off(self._dies_in)
        super().carry(sender, size, arrive)

    def break_off(self, noticed_after):
        """Let nothing pass any more; both ends learn it so much later."""
        self.was_cut = True
        self._is_noticed_in(noticed_after)
        for end in (self.device, self.relay):
            asyncio.get_running_loop().call_later(noticed_after, end.ended, None)

    def _is_noticed_in(self, seconds):
        self.noticed_at = max(self.noticed_at, asyncio.get_running_loop().time() + seconds)


class Relay:
    """Where the device dials, with levers."""

    def __init__(self, chance):
        self.failure = None
        """What dials end in; None to let them through."""
        self.mute = False
        """Whether sessions begin with nothing, for ever."""
        self.breaks_mid_reply = False
        """Whether the next reply breaks off after its first sound, with the session frozen."""
        self.empty_replies = 0
        """So many replies to come have no sound."""
        self.reply_s = lambda: chance.uniform(0.5, 3.0)
        self.dials = self.sessions = self.replies = 0
        self.complaints = Counter()
        self.bugs = []
        self._chance = chance
        self._lines = {}

    @property
    def lines(self):
        """The wires of the sessions there are, newest last."""
        return list(self._lines)

    async def dial(self):
        self.dials += 1
        await asyncio.sleep(HANDSHAKE_S)
        if self.failure is not None:
            raise DialFailed(self.failure)
        self.sessions += 1
        line = Line(self._chance.choice((0.002, 0.02, 0.15)))
        line.device.remaining = SESSION_S
        task = self._lines[line] = asyncio.create_task(self._converse(line, self.sessions))
        task.add_done_callback(lambda done: self._over(line, done))
        return line.device

    async def close(self, code):
        await asyncio.gather(*(line.relay.close(code) for line in self.lines))

    def hang(self):
        """Answer nothing any more on the sessions there are."""
        for line in self.lines:
            line.is_hung = True

    async def say(self, message):
        """Say something of no session's own."""
        for line in self.lines:
            try:
                await line.relay.send(message)
            except LinkClosed:
                continue

    async def end(self):
        tasks = list(self._lines.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def answer(self, _heard):
        self.replies += 1
        if self.empty_replies:
            self.empty_replies -= 1
            return Spoken(b"", "")
        pcm = np.full(round(self.reply_s() * SAMPLE_RATE_HZ), 1000, "<i2")
        return Spoken(pcm.tobytes(), "uno dos tres")

    def _over(self, line, task):
        del self._lines[line]
        if not task.cancelled() and task.exception():
            self.bugs.append(task.exception())

    async def _converse(self, line, number):
        if self.mute:
            await _gone(line)
            return
        dialogue = Dialogue(ServiceTutor(Service(self, f"{number:012d}", LONG_AGO)), beta=False)
        await dialogue.configure(CONFIGURATION)
        parts = [asyncio.create_task(part) for part in (self._up(line, dialogue), self._down(line, dialogue))]
        try:
            await asyncio.wait(parts, timeout=SESSION_S, return_when=asyncio.FIRST_COMPLETED)
            if not any(part.done() for part in parts):
                await line.relay.close(1012)
            for part in parts:
                if part.done():
                    part.result()
        except LinkClosed:
            pass
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
        await asyncio.sleep(max(0.0, line.noticed_at - asyncio.get_running_loop().time()))

    async def _up(self, line, dialogue):
        while True:
            event = parsed(await line.relay.receive())
            if not line.is_hung:
                await dialogue.send(event)

    async def _down(self, line, dialogue):
        while True:
            event = await dialogue.receive()
            if line.is_hung:
                continue
            if event["type"] == "error" and event["error"]["code"] not in BENIGN:
                self.complaints[event["error"]["code"]] += 1
            await line.relay.send(json.dumps(event))
            if self.breaks_mid_reply and event["type"].endswith("audio.delta"):
                self.breaks_mid_reply = False
                line.break_off(self._chance.uniform(20, SEEN_DEAD_S))


async def _gone(line):
    try:
        while True:
            await line.relay.receive()
    except LinkClosed:
        return
