"""
Which response is alive, and how much of it was heard: the client's half of the Realtime turn rules.

One response at a time may write to the conversation, and the slot is free only at its `response.done`. So a
request waits for that; a reply that is cancelled before it was even created is doomed and cancelled by name when
it appears; and what a dead response still sends is dropped by its id. One `Turns` per session: ids die with it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from agent.link.messages import CancelResponse, ClientEvent, CreateResponse, Truncate
from agent.units import SAMPLES_PER_MS, Part, Turn, milliseconds

DEAD_KEPT: Final = 32
"""Dead response ids remembered: late deltas come within a second or two, a child presses no faster."""

WORTH_CUTTING: Final = 150 * SAMPLES_PER_MS
"""
Less than this unheard is as good as all heard. The server's own length can be 85 ms below the audio it sent
(pipecat#2106) and it refuses a truncate beyond its length, so the margin also keeps us below it.
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """`response.create` was sent, `response.created` has not come."""

    turn: Turn
    doomed: bool = False


@dataclass(frozen=True, slots=True)
class _Running:
    """A response holds the slot; `turn` is None when nobody here asked for it, the id may be unknown."""

    response_id: str
    turn: Turn | None


class Turns:
    """Told what was asked and what came; answers with events to send."""

    def __init__(self) -> None:
        self._slot: _Asked | _Running | None = None
        self._waiting: Turn | None = None
        self._dead: OrderedDict[str, None] = OrderedDict()
        self._turn_of: OrderedDict[str, Turn] = OrderedDict()
        self._received: dict[Part, int] = {}

    def ask(self, turn: Turn) -> tuple[ClientEvent, ...]:
        """Ask for the reply to a turn: now, or when the slot is free."""
        if self._slot is not None:
            self._waiting = turn
            return ()
        self._slot = _Asked(turn)
        return (CreateResponse(),)

    def created(self, response_id: str) -> tuple[ClientEvent, ...]:
        """A response began: ours, doomed, or one that nobody asked for."""
        if isinstance(self._slot, _Asked):
            asked, self._slot = self._slot, _Running(response_id, self._slot.turn)
            if not asked.doomed:
                self._own(response_id, asked.turn)
                return ()
        elif self._slot is None:
            self._slot = _Running(response_id, None)
        self._bury(response_id)
        return (CancelResponse(response_id),)

    def turn_of(self, response_id: str) -> Turn | None:
        """The turn this response answers; None if it is dead or was never ours."""
        if isinstance(self._slot, _Asked) and not self._slot.doomed and self._is_new(response_id):
            # Audio or an end without `response.created` was seen around interruptions (livekit 27fe47e39).
            self.created(response_id)
        return None if response_id in self._dead else self._turn_of.get(response_id)

    def received(self, part: Part, samples: int) -> None:
        """So much audio of a living response came in."""
        self._received[part] = self._received.get(part, 0) + samples

    def has_audio(self, response_id: str) -> bool:
        """Whether any audio of this response came in."""
        return any(part.response_id == response_id and n for part, n in self._received.items())

    def running(self) -> tuple[str, Turn] | None:
        """The living response that has not ended, if any."""
        slot = self._slot
        if isinstance(slot, _Running) and slot.turn is not None and slot.response_id not in self._dead:
            return slot.response_id, slot.turn
        return None

    def done(self, response_id: str) -> tuple[ClientEvent, ...]:
        """A response ended: the slot is free for whoever waits."""
        if isinstance(self._slot, _Asked):
            ends_slot = self._slot.doomed and self._is_new(response_id)
        else:
            ends_slot = self._slot is not None and self._slot.response_id in (response_id, "")
        if not ends_slot:
            return ()
        self._slot = None
        waiting, self._waiting = self._waiting, None
        return () if waiting is None else self.ask(waiting)

    def cancel(self) -> tuple[ClientEvent, ...]:
        """The reply that is asked for or running is no longer wanted."""
        self._waiting = None
        if isinstance(self._slot, _Asked):
            self._slot = replace(self._slot, doomed=True)
        alive = self.running()
        for response_id in self._turn_of:
            self._bury(response_id)  # those that are done too: late deltas were seen even after `response.done`
        return () if alive is None else (CancelResponse(alive[0]),)

    def refused(self) -> Turn | None:
        """Our request was refused; return the turn that will not be answered, unless it was doomed anyway."""
        if not isinstance(self._slot, _Asked):
            return None
        asked, self._slot = self._slot, None
        return None if asked.doomed else asked.turn

    def occupied(self) -> None:
        """Our request came while another response was running: ask again when that one is done."""
        if isinstance(self._slot, _Asked):
            asked, self._slot = self._slot, _Running("", None)
            self._waiting = None if asked.doomed else asked.turn

    def silenced(self, heard: Mapping[Part, int]) -> tuple[Truncate, ...]:
        """
        Tell the server what was heard of the parts that were cut.

        Args:
            heard: Samples at 24 kHz per part, as the playout froze them; 0 for a part that never sounded.

        """
        cuts = []
        for part, samples in heard.items():
            received = self._received.pop(part, 0)
            if received - samples >= WORTH_CUTTING:
                cuts.append(Truncate(part.item_id, part.content_index, milliseconds(min(samples, received))))
        return tuple(cuts)

    def _own(self, response_id: str, turn: Turn) -> None:
        self._turn_of[response_id] = turn
        while len(self._turn_of) > DEAD_KEPT:
            forgotten, _ = self._turn_of.popitem(last=False)
            self._received = {p: n for p, n in self._received.items() if p.response_id != forgotten}

    def _bury(self, response_id: str) -> None:
        self._dead[response_id] = None
        while len(self._dead) > DEAD_KEPT:
            self._dead.popitem(last=False)

    def _is_new(self, response_id: str) -> bool:
        return bool(response_id) and response_id not in self._dead and response_id not in self._turn_of
