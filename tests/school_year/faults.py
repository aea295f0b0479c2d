"""
What happens to a corner within a year. Each fault begins, lasts while a child presses, and ends when this returns; it
returns how long the corner may need from then on until it is READY: the patience that the agent itself is designed for.
"""

from __future__ import annotations

import asyncio
import json

from agent.devices.ports import Plug
from agent.link.backoff import HttpRefused, NoToken, TlsFailed, Unreachable
from agent.units import Seconds
from tests.school_year.dozing import DOZE_S
from tests.school_year.relay import SEEN_DEAD_S

MINUTE = 60.0
HOUR = 60 * MINUTE

TURN_S = 60.0
"""What a press of the fault's last moment may still have before it: speech that waits 8 s for the link, a reply that is
waited for 10 s, another that is waited for as long and played for 3 s, and a prompt."""

RETRY_S = 30.0 + 10.0 + 1.0
"""The longest back-off, a session that takes all of its patience, the dial."""

REFUSED_S = 300.0 + 10.0 + 1.0
"""The same after a refusal."""

CLOCK_S = 5.0 + 10.0 + 1.0
"""The same while the clock is behind."""

LEAST_STUCK_S = 120.0 + DOZE_S + 5.0
"""Two minutes, and the look that finds it so."""

LONGEST_STALL_S = 15.0
"""With more the pings of the library begin to count: that is a cut."""


class Faults:
    """Makes them happen to this corner."""

    def __init__(self, corner, chance):
        self._corner, self._relay, self._chance = corner, corner.relay, chance

    # The link

    async def cut_at_a_byte(self):
        """The connection breaks at any byte of a few turns; both ends learn it at once or as late as pings tell."""
        chance = self._chance
        line = await self._line()
        line.cut_after(int(300_000 * chance.random() ** 1.5), chance.choice((0.0, 0.05, 0.5, 3.0, SEEN_DEAD_S)))
        while line in self._relay.lines:
            await self._pressed_for(10.0)
            if not line.was_cut:
                await self._talk()
        return RETRY_S

    async def planned_close(self):
        await self._perhaps_in_a_turn()
        await self._closed(self._chance.choice((1001, 1012)))
        return RETRY_S

    async def unplanned_close(self):
        await self._perhaps_in_a_turn()
        await self._closed(self._chance.choice((1000, 1006, 1011, 1013)))
        return RETRY_S

    async def frozen_in_mid_reply(self):
        """The relay's machine dies while the tutor speaks."""
        self._relay.breaks_mid_reply = True
        while self._relay.breaks_mid_reply:
            await self._talk()
        await self._pressed_for(SEEN_DEAD_S)
        return RETRY_S

    async def hung(self):
        """The relay's socket lives, but nobody answers on it: only an utterance can find that out."""
        line = await self._line()
        self._relay.hang()
        while line in self._relay.lines:
            await self._talk()
        return RETRY_S

    async def stalled(self):
        """The network takes a break in the middle of something."""
        await self._perhaps_in_a_turn()
        for line in self._relay.lines:
            line.stall(self._chance.choice((0.3, 2.0, 8.0, LONGEST_STALL_S)))
        await self._pressed_for(LONGEST_STALL_S)
        return RETRY_S

    async def unreachable(self):
        """No route, no name, no answer: Wi-Fi away for minutes, with the connection that there was."""
        kind = self._chance.choice(("gaierror", "TimeoutError", "ConnectionRefusedError", "OSError"))
        await self._failing(Unreachable(kind), self._chance.uniform(2, 20 * MINUTE))
        return RETRY_S

    async def server_errors(self):
        wish = self._chance.choice((None, Seconds(30)))
        await self._failing(HttpRefused(self._chance.choice((404, 500, 502, 503)), wish), 5 * MINUTE)
        return RETRY_S

    async def mute(self):
        """The relay lets the device in and says nothing."""
        self._relay.mute = True
        await self._relay.close(1011)
        await self._pressed_for(self._chance.uniform(10, 3 * MINUTE))
        self._relay.mute = False
        return RETRY_S

    async def refused(self):
        """The token is refused, for hours, until somebody sets it right."""
        await self._relay.close(4401)
        await self._failing(HttpRefused(self._chance.choice((401, 403))), self._chance.uniform(0.2, 4) * HOUR)
        return REFUSED_S

    async def no_token(self):
        await self._failing(NoToken("nowhere"), self._chance.uniform(0.2, 2) * HOUR)
        return REFUSED_S

    async def limited(self):
        """Over budget, with a wish or without."""
        wish = self._chance.choice((None, 0.0, 10.0, 300.0, 1800.0))
        await self._failing(HttpRefused(429, wish), self._chance.uniform(10, 10 * MINUTE))
        return REFUSED_S if wish is None else max(5.0, wish) * 1.1 + RETRY_S

    async def inspected(self):
        """Something on the way shows a certificate of its own."""
        await self._failing(TlsFailed(20), self._chance.uniform(0.1, 2) * HOUR)
        return RETRY_S

    async def clock_behind_at_boot(self):
        """Power was away; there is no time yet, so no certificate is valid."""
        self._relay.failure = TlsFailed(9)
        await self._corner.crash()
        await self._pressed_for(self._chance.uniform(5, 20 * MINUTE))
        self._relay.failure = None
        return CLOCK_S

    async def error_then_close(self):
        """The service says why it ends the session, the relay passes it on."""
        code = self._chance.choice(("insufficient_quota", "rate_limit_exceeded", "invalid_api_key", "session_expired"))
        await self._perhaps_in_a_turn()
        await self._relay.say(json.dumps({"type": "error", "error": {"type": "x", "code": code, "message": "m"}}))
        await self._pressed_for(1.0)
        await self._closed(1000)
        return REFUSED_S

    async def babble(self):
        """Messages that are not of the protocol."""
        for number in range(self._chance.randint(1, 100)):
            await self._relay.say(
                self._chance.choice(
                    (
                        "",
                        "{",
                        "[]",
                        '{"type": 7}',
                        json.dumps({"type": f"made.up.{self._chance.randrange(10**9)}"}),
                        json.dumps({"type": "response.output_audio.delta", "delta": "?"}),
                        json.dumps({"type": "response.done"}),
                        json.dumps({"type": "error", "error": {"code": f"made_up_{number}"}}),
                    )
                )
            )
        await self._pressed_for(5.0)
        return RETRY_S

    async def empty_reply(self):
        self._relay.empty_replies = 1
        while self._relay.empty_replies:
            await self._talk()
        return RETRY_S

    # Plugs and lights

    async def card_out(self):
        """One USB card for both, or one of two, is pulled out in the middle of something, and comes back."""
        plugs = self._chance.choice(((Plug.MICROPHONE,), (Plug.SPEAKER,), (Plug.MICROPHONE, Plug.SPEAKER)))
        await self._perhaps_in_a_turn()
        self._corner.pull_out(*plugs)
        await self._pressed_for(self._chance.choice((0.2, 3.0, 5 * MINUTE, HOUR)))
        self._corner.put_back(*plugs)
        return 0.0

    async def loose_plug(self):
        """A card that comes and goes."""
        for _ in range(self._chance.randint(2, 10)):
            self._corner.pull_out(Plug.MICROPHONE, Plug.SPEAKER)
            await self._pressed_for(self._chance.uniform(0, 4))
            self._corner.put_back(Plug.MICROPHONE, Plug.SPEAKER)
            await self._pressed_for(self._chance.uniform(0, 4))
        return 0.0

    async def ring_out(self):
        await self._perhaps_in_a_turn()
        self._corner.break_ring()
        await self._pressed_for(self._chance.choice((0.1, 5.0, 10 * MINUTE)))
        self._corner.mend_ring()
        return 0.0

    # The button

    async def held(self):
        """A child who does not let go, for longer than an utterance may be."""
        await self._held_for(self._chance.uniform(55, 119))
        return 0.0

    async def stuck(self):
        await self._held_for(self._chance.uniform(LEAST_STUCK_S, 10 * MINUTE))
        return 0.0

    async def taps(self):
        for _ in range(self._chance.randint(3, 40)):
            await self._held_for(self._chance.uniform(0.005, 0.14))
            await asyncio.sleep(self._chance.expovariate(3.0))
        return 0.0

    async def interruptions(self):
        """A child who presses whenever the tutor begins to speak."""
        for _ in range(self._chance.randint(2, 6)):
            await self._held_for(self._chance.uniform(0.3, 1.5))
            await asyncio.sleep(self._chance.uniform(0, 2.5))
        return 0.0

    # The process

    async def stopped(self):
        """SIGTERM in the middle of something, as an update does it, and the next process."""
        await self._perhaps_in_a_turn()
        await self._corner.stop()
        return RETRY_S

    async def crashed(self):
        """SIGKILL in the middle of something, with a finger on the button or not."""
        await self._perhaps_in_a_turn()
        await self._corner.crash()
        return RETRY_S

    async def clock_stepped(self):
        """The clock on the wall is set, to years from now or back."""
        self._corner.wall_is_ahead_s += self._chance.choice((-1, 1)) * self._chance.choice((5.0, HOUR, 9000 * HOUR))
        await self._pressed_for(2 * MINUTE)
        return 0.0

    # What they are made of

    async def _line(self):
        while not self._relay.lines:
            await self._pressed_for(5 * MINUTE)
        return self._relay.lines[-1]

    async def _failing(self, failure, seconds):
        self._relay.failure = failure
        if self._chance.random() < 0.8:
            await self._closed(1011)
        else:
            for line in self._relay.lines:
                line.break_off(self._chance.uniform(0, SEEN_DEAD_S))
        await self._pressed_for(max(seconds, SEEN_DEAD_S))
        self._relay.failure = None

    async def _closed(self, code):
        lines = self._relay.lines
        await self._relay.close(code)
        while set(lines) & set(self._relay.lines):  # noqa: ASYNC110 - a look costs nothing, time jumps
            await asyncio.sleep(0.1)

    async def _perhaps_in_a_turn(self):
        """Come to a moment before, in or after a turn."""
        if self._chance.random() < 0.3:
            return
        self._corner.press()
        await asyncio.sleep(self._chance.uniform(0, 2.5))
        if self._chance.random() < 0.7:
            self._corner.release()
            await asyncio.sleep(self._chance.uniform(0, 4.0))

    async def _talk(self):
        """A turn, whatever comes of it."""
        await self._held_for(self._chance.uniform(0.5, 3.0))
        await self._corner.rest()

    async def _held_for(self, seconds):
        self._corner.press()
        await asyncio.sleep(seconds)
        self._corner.release()

    async def _pressed_for(self, seconds):
        """Let so much time pass, in which a child tries now and then."""
        chance, end = self._chance, self._corner.clock() + seconds
        often = chance.uniform(0.5, 5.0) if seconds < MINUTE else seconds / chance.randint(1, 12)
        while (left := end - self._corner.clock()) > 0:
            await asyncio.sleep(min(left, chance.expovariate(1 / often)))
            if self._corner.clock() < end:
                await self._held_for(chance.choice((chance.uniform(0.01, 0.15), chance.uniform(0.2, 4.0))))
        self._corner.release()


KINDS = tuple(name for name in vars(Faults) if not name.startswith("_"))
