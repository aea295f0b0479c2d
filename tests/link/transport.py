"""A transport made of two queues, and a far end that hands them out."""

import asyncio
import json
from collections import deque

from agent.link.transport import DialFailed, LinkClosed
from agent.units import Seconds

SETTLED_S = 0.001
"""On a jumping loop this is not a wait: time moves only when nobody has anything left to do."""

VOICE_DETECTION = {"type": "server_vad", "threshold": 0.5}


def session(turn_detection=None, **more):
    """A session as the far end echoes it."""
    heard = {"format": {"type": "audio/pcm", "rate": 24000}, "turn_detection": turn_detection}
    return {"type": "realtime", "audio": {"input": heard, "output": {"voice": "cedar"}}, **more}


def created(turn_detection=None, **more):
    return {"type": "session.created", "session": session(turn_detection, **more)}


def updated(turn_detection=None, **more):
    return {"type": "session.updated", "session": session(turn_detection, **more)}


def error(code, **more):
    return {"type": "error", "error": {"type": "invalid_request_error", "code": code, **more}}


async def settled():
    """Let everything happen that can happen now."""
    await asyncio.sleep(SETTLED_S)


class MemoryTransport:
    """
    Both ends of one connection: the link's `Transport`, and the far end's levers.

    Args:
        greeting: What the far end says first, as soon as somebody listens.
        delay: Seconds that each of its messages is under way.
        lifetime: Seconds that the session will live by its own account.
        farewell: Seconds that the far end takes to answer our close.

    """

    def __init__(self, *greeting, delay=0.0, lifetime=None, farewell=0.0):
        self.heard = []
        """What the far end heard: events, in order."""
        self.closed_with = None
        """The code that our end closed with, if it was the first to close."""
        self.is_over = False
        self._under_way, self._arriving = deque(), asyncio.Queue()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._delay, self._lifetime, self._farewell = delay, lifetime, farewell
        self._greeting, self._end = greeting, None

    round_trip = Seconds(0.04)

    def lifetime(self, expires_at):
        return None if self._lifetime is None else Seconds(self._lifetime)

    async def send(self, message):
        await self._flowing.wait()
        if self.is_over:
            raise LinkClosed(self._end)
        self.heard.append(json.loads(message))

    async def receive(self):
        greeting, self._greeting = self._greeting, ()
        self.says(*greeting)
        message = await self._arriving.get()
        if message is None:
            self._arriving.put_nowait(None)
            raise LinkClosed(self._end)
        return message

    async def close(self, code):
        if not self.is_over:
            self.closed_with = code
            await asyncio.sleep(self._farewell)
        self.closes(code)

    def says(self, *events):
        """Say something; it arrives after the delay."""
        for event in events:
            self._send(json.dumps(event))

    def closes(self, code):
        """Close: from now on nothing is taken; what was said before still arrives, then the end."""
        if not self.is_over:
            self.is_over, self._end = True, code
            self._flowing.set()
            self._send(None)

    def cut(self):
        """End without a close frame."""
        self.closes(None)

    def blocks(self):
        """Take nothing more from us, until it `flows` again."""
        self._flowing.clear()

    def flows(self):
        self._flowing.set()

    @property
    def types(self):
        """The types of what the far end heard."""
        return [event["type"] for event in self.heard]

    def _send(self, message):
        self._under_way.append(message)
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._arrive)
        else:
            self._arrive()

    def _arrive(self):
        # Timers that are due together fire in any order; messages arrive in theirs.
        self._arriving.put_nowait(self._under_way.popleft())


class FarEnd:
    """
    Whom the link dials: answers each dial with the next of `answers`, a transport or what `dial` fails with.

    When they are used up it answers with sessions that are fine.
    """

    def __init__(self, *answers):
        self.dials = []
        """When it was dialled."""
        self.sessions = []
        self._answers = deque(answers)

    async def dial(self):
        self.dials.append(round(asyncio.get_running_loop().time(), 2))
        answer = self._answers.popleft() if self._answers else MemoryTransport(created())
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, MemoryTransport):
            raise DialFailed(answer)
        self.sessions.append(answer)
        return answer
