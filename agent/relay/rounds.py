"""
Rounds: once a second, a look at who is in and at what a person has changed in the registry meanwhile.

The person's command is another process, and the file is all that both have: the rounds are how a revoked token puts its
device out, and how a wanted rotation reaches it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, NoReturn

from agent.link.rotation import rotate
from agent.relay.farewell import REVOKED, SUPERSEDED, Farewell
from agent.relay.registry import Grant, Registry
from agent.units import Seconds

EVERY_S: Final = 1.0
"""A stolen device is out this long after the command, at the latest; a look at a thousand takes milliseconds."""

TOGETHER: Final = Seconds(60.0)
"""How long a device may have two connections: it makes the next before it breaks the last, which takes seconds, and one
whose network failed is found dead after two pings, 40 s. Beyond that both are alive: two devices with one token."""

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Guest:
    """
    A connection that was let in.

    Args:
        grant: What its token was known as then.
        name: Of the device, in the log.
        since: When it came.
        farewell: Done when it is to be put out.
        errands: Messages to send, beside those of its tutor.
        is_settled: Whether its session is configured, so that it may be sent more than it expects.
        is_noted: Whether the registry knows that a device has come with this token.
        offered: The id of the token that was sent and not yet answered; empty if there is none.

    """

    grant: Grant
    name: str
    since: Seconds
    farewell: asyncio.Future[Farewell]
    errands: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    is_settled: bool = False
    is_noted: bool = False
    offered: str = ""

    @property
    def is_leaving(self) -> bool:
        """Whether it is to be put out."""
        return self.farewell.done()

    def dismiss(self, farewell: Farewell) -> None:
        """Have it put out; a second farewell is one too many."""
        if not self.is_leaving:
            self.farewell.set_result(farewell)


class Rounds:
    """
    What becomes of guests. Event loop only.

    Args:
        registry: Of their tokens.
        guests: Those who are in, in the order in which they came; looked at anew in each round.
        clock: Monotonic, as `Guest.since` is.

    """

    def __init__(
        self, registry: Registry, guests: Callable[[], Collection[Guest]], clock: Callable[[], Seconds]
    ) -> None:
        self._registry, self._guests, self._clock = registry, guests, clock
        self._receipts: list[str] = []
        self._in_trouble = False

    def receipt(self, guest: Guest, token_id: object) -> None:
        """Take a device's word that it has kept the token which it was sent; on any other its word counts nothing."""
        if guest.offered and token_id == guest.offered:
            guest.offered = ""
            self._receipts.append(token_id)

    async def run(self) -> NoReturn:
        """Look, every second; a registry that can not be used now is used a second later."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                self.look()
                self._in_trouble = False
            except sqlite3.Error as trouble:
                if not self._in_trouble:
                    log.warning("nobody is put out and no token rotated: the registry can not be used: %s", trouble)
                self._in_trouble = True

    def look(self) -> None:
        """Go round once. Raises sqlite3.Error; what was not done is done in the next round."""
        guests = self._guests()
        self._write_down(guests)
        if not guests:
            return
        revoked = self._registry.revoked_among({guest.grant.id for guest in guests})
        for guest in guests:
            if guest.grant.id in revoked:
                guest.dismiss(REVOKED)
        at_home = defaultdict(list)
        for guest in guests:
            at_home[guest.grant.device_id].append(guest)
        for together in at_home.values():
            self._part(together)
        self._offer(at_home)

    def _write_down(self, guests: Collection[Guest]) -> None:
        if new := [guest for guest in guests if not (guest.grant.used or guest.is_noted)]:
            self._registry.rotations.came_with(guest.grant.id for guest in new)
            for guest in new:
                guest.is_noted = True
        if self._receipts:
            self._registry.rotations.kept(self._receipts)
            self._receipts.clear()

    def _part(self, together: list[Guest]) -> None:
        *older, newest = together
        if older and not newest.is_leaving and self._clock() - newest.since > TOGETHER:
            for guest in older:
                if not guest.is_leaving:
                    log.warning("device %s: in two places for a minute, the older is put out", newest.name)
                    self._registry.doubled(newest.grant.id)
                    guest.dismiss(SUPERSEDED)

    def _offer(self, at_home: dict[str, list[Guest]]) -> None:
        # One at a time for each device: two under way are one too many.
        free = {device_id for device_id, guests in at_home.items() if not any(guest.offered for guest in guests)}
        ready = {}
        for device_id in free.intersection(self._registry.rotations.due(free)):
            for guest in at_home[device_id]:
                if guest.is_settled and not guest.is_leaving:
                    ready[device_id] = guest
        for device_id, offer in (self._registry.rotations.offer(ready) if ready else {}).items():
            guest = ready[device_id]
            guest.offered = offer.token_id
            guest.errands.put_nowait(json.dumps(rotate(offer.token_id, offer.token, offer.old_valid_until)))
            log.info("device %s: is offered a new token", guest.name)
