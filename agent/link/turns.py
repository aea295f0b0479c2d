"""
Which response is alive, and how much of it was heard: the client's half of the Realtime turn rules.

One response at a time may write to the conversation, and the slot is free only at its `response.done`. So a
request waits for that; a reply that is cancelled before it was even created is doomed and cancelled by name when
it appears; and what a response says before or after its life is dropped by its id. One `Turns` per session: ids
die with it.
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

PARTS_KEPT: Final = 64
"""Parts whose length is remembered: twice what is taken of one response. A cut concerns the last one or two."""

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
    """A response holds the slot; `turn` is None when nobody here wants it (any more), the id may be unknown."""

    response_id: str
    turn: Turn | None


class Turns:
    """Told what was asked and what came; answers with events to send."""

    def __init__(self) -> None:
        self._slot: _Asked | _Running | None = None
        self._waiting: Turn | None = None
        self._dead: OrderedDict[str, None] = OrderedDict()
        self._received: OrderedDict[Part, int] = OrderedDict()

    def ask(self, turn: Turn) -> tuple[ClientEvent, ...]:
        """Ask for the reply to a turn: now, or when the slot is free."""
        if self._slot is not None:
            self._waiting = turn
            return ()
        self._slot = _Asked(turn)
        return (CreateResponse(),)

    def created(self, response_id: str) -> tuple[ClientEvent, ...]:
        """A response began: ours, doomed, or one that nobody asked for."""
        if not self._is_new(response_id):
            return ()
        slot = self._slot
        if isinstance(slot, _Asked) and not slot.doomed:
            self._slot = _Running(response_id, slot.turn)
            return ()
        if not isinstance(slot, _Running):
            self._slot = _Running(response_id, None)
        self._bury(response_id)
        return (CancelResponse(response_id),)

    def turn_of(self, response_id: str) -> Turn | None:
        """The turn this response answers; None if it is over, not wanted or was never ours."""
        if isinstance(self._slot, _Asked) and not self._slot.doomed:
            # Audio or an end without `response.created` was seen around interruptions (livekit 27fe47e39).
            self.created(response_id)
        alive = self.running()
        return alive[1] if alive and alive[0] == response_id else None

    def received(self, part: Part, samples: int) -> None:
        """So much audio of a living response came in."""
        self._received[part] = self._received.get(part, 0) + samples
        if len(self._received) > PARTS_KEPT:
            self._received.popitem(last=False)

    def has_audio(self, response_id: str) -> bool:
        """Whether any audio of this response came in."""
        return any(part.response_id == response_id for part in self._received)

    def running(self) -> tuple[str, Turn] | None:
        """The living response that has not ended, if any."""
        slot = self._slot
        if isinstance(slot, _Running) and slot.turn is not None:
            return slot.response_id, slot.turn
        return None

    def done(self, response_id: str) -> tuple[ClientEvent, ...]:
        """A response ended: the slot is free for whoever waits."""
        slot = self._slot
        if isinstance(slot, _Asked):
            ends_slot = slot.doomed and self._is_new(response_id)
        else:
            ends_slot = slot is not None and slot.response_id in (response_id, "")
        self._bury(response_id)
        return self._freed() if ends_slot else ()

    def cancel(self) -> tuple[ClientEvent, ...]:
        """The reply that is asked for or running is no longer wanted."""
        self._waiting = None
        if isinstance(self._slot, _Asked):
            self._slot = replace(self._slot, doomed=True)
        alive = self.running()
        if alive is None:
            return ()
        self._slot = _Running(alive[0], None)
        self._bury(alive[0])
        return (CancelResponse(alive[0]),)

    def refused(self) -> tuple[Turn | None, tuple[ClientEvent, ...]]:
        """Our request was refused: the turn that will not be answered, unless it was doomed, and what follows."""
        slot = self._slot
        if not isinstance(slot, _Asked):
            return None, ()
        return None if slot.doomed else slot.turn, self._freed()

    def occupied(self) -> None:
        """Our request came while another response was running: ask again when that one is done."""
        slot = self._slot
        if isinstance(slot, _Asked):
            self._slot = _Running("", None)
            self._waiting = self._waiting if slot.doomed else slot.turn

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
                cuts.append(Truncate(part.item_id, part.content_index, milliseconds(samples)))
        return tuple(cuts)

    def _freed(self) -> tuple[ClientEvent, ...]:
        self._slot = None
        waiting, self._waiting = self._waiting, None
        return () if waiting is None else self.ask(waiting)

    def _bury(self, response_id: str) -> None:
        self._dead[response_id] = None
        self._dead.move_to_end(response_id)
        if len(self._dead) > DEAD_KEPT:
            self._dead.popitem(last=False)

    def _is_new(self, response_id: str) -> bool:
        is_running = isinstance(self._slot, _Running) and self._slot.response_id == response_id
        return bool(response_id) and not is_running and response_id not in self._dead
