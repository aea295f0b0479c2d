"""A TCP connection of the simulated world: it takes time, it stalls, and it can be cut at any byte."""

from __future__ import annotations

import asyncio
from collections import deque

from agent.link.transport import LinkClosed
from agent.units import Seconds

ENVELOPE = 8
"""Bytes of a WebSocket frame around a message of 126 to 65535 bytes, masked."""

IN_FLIGHT_AT_MOST = 2**16
"""What a sender may have on its way before it has to wait: a modest TCP window."""


class Wire:
    """
    Two ends. What was sent arrives whole, in order and `delay` seconds later, until byte `cut_at` of both directions
    together is about to pass: from then on nothing arrives, and `silence` seconds later both ends learn that.
    """

    def __init__(self, delay, cut_at=None, silence=0.0):
        self.device, self.relay = End(self), End(self)
        self.passed = 0
        self.was_cut = self.was_cut_at_byte = False
        self._loop = asyncio.get_running_loop()
        self._delay, self._cut_at, self._silence = delay, cut_at, silence
        self._clear_at = {self.device: 0.0, self.relay: 0.0}
        self._under_way = {self.device: deque(), self.relay: deque()}

    def stall(self, seconds):
        """Let what is sent from now on arrive only when so many seconds have passed."""
        for end in self._clear_at:
            self._clear_at[end] = max(self._clear_at[end], self._loop.time() + seconds)

    def carry(self, sender, size, arrive):
        """Take so many bytes from an end; `arrive(receiver)` when they are there."""
        receiver = self.relay if sender is self.device else self.device
        due = self._clear_at[receiver] = max(self._loop.time() + self._delay, self._clear_at[receiver])
        self._under_way[receiver].append((size, arrive))
        self._loop.call_at(due, self._pass, receiver)

    def cut(self):
        """Let nothing pass any more."""
        self.was_cut = True
        for end in (self.device, self.relay):
            self._loop.call_later(self._silence, end.ended, None)

    def _pass(self, receiver):
        size, arrive = self._under_way[receiver].popleft()  # timers of one moment come in any order, bytes do not
        if self.was_cut:
            return
        self.passed += size
        if self._cut_at is not None and self.passed > self._cut_at:
            self.was_cut_at_byte = True
            self.cut()
        else:
            arrive(receiver)


class End:
    """One end of a wire, as `agent.link.transport.Transport`."""

    def __init__(self, wire, lifetime=None):
        self.remaining = lifetime
        self._wire = wire
        self._came = deque()
        self._code = None
        self._is_over = self._is_closing = False
        self._in_flight = 0
        self._news = asyncio.Event()

    round_trip = Seconds(0.04)

    def lifetime(self, expires_at):
        return None if self.remaining is None else Seconds(self.remaining)

    async def send(self, message):
        size = len(message) + ENVELOPE
        while self._in_flight > IN_FLIGHT_AT_MOST and not self._is_over:
            await self._change()
        if self._is_over or self._is_closing:
            raise LinkClosed(self._code)
        self._in_flight += size
        self._wire.carry(self, size, lambda receiver: self._arrive(receiver, size, message))

    async def receive(self):
        while not self._came:
            if self._is_over:
                raise LinkClosed(self._code)
            await self._change()
        return self._came.popleft()

    async def close(self, code):
        if not self._is_closing:
            self._is_closing = True
            self._wire.carry(self, ENVELOPE, lambda receiver: receiver.asked_to_close(code))
        try:
            async with asyncio.timeout(1.0):
                while not self._is_over:
                    await self._change()
        except TimeoutError:
            self.ended(None)

    def asked_to_close(self, code):
        """A close frame came: answer it."""
        if not self._is_closing:
            self._is_closing = True
            self._wire.carry(self, ENVELOPE, lambda receiver: receiver.ended(code))
        self.ended(code)

    def ended(self, code):
        """The connection is over."""
        if not self._is_over:
            self._is_over, self._code = True, code
        self._news.set()

    async def _change(self):
        self._news.clear()
        await self._news.wait()

    def _arrive(self, receiver, size, message):
        self._in_flight -= size
        receiver.take(message)
        self._news.set()

    def take(self, message):
        """A message came."""
        self._came.append(message)
        self._news.set()
