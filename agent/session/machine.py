"""
The session machine: what the agent is doing, following the table in `agent/session/table.py`.

Four things are not in the table. Facts about the link, about devices and about school hours also set where the machine
rests between turns (`RESTS`, `LOSSES`, `QUIET`), whatever it is doing. While a device is missing, what would open a
turn only ends the one before, speech and all; while that is the speaker, nothing is said. And facts that carry a turn
are dropped when that turn is over: an interrupted reply goes on arriving.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.errors import IllegalEvent
from agent.session.effects import DropSpeech, Effect, OpenGate, Say, Scene, Show
from agent.session.events import Event, HoursClosed, HoursOpened, SpeakerLost, TimeUp
from agent.session.table import (
    FAULTS,
    IGNORED,
    LOSSES,
    OFFLINE_SCENES,
    OWN_SCENES,
    REFUSALS,
    RESTING,
    RESTS,
    RULES,
    SCENES,
    Rule,
    State,
    To,
)
from agent.units import Seconds, Turn


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the session waits, and for what."""

    utterance: Seconds
    """The longest that the gate stays open."""
    offline: Seconds
    """Until the link is back to take what the student said."""
    response: Seconds
    """For a sign of life of the reply."""


REPLY_AT_MOST: Final = Seconds(310.0)
"""The jitter buffer keeps 300 s of a reply at most; what takes longer to play than that will never end."""

UNANSWERED_SHOWN: Final = Seconds(20.0)
"""Two turns of the scene's hourglass: time to see that something was wrong, also for whom nothing is said any more."""


class Session:
    """
    Told facts, answers with orders; calls nobody.

    Args:
        patience: The time limits.

    """

    def __init__(self, patience: Patience) -> None:
        self.state = State.OFFLINE
        self.turn = Turn(0)
        self.alarm = 0
        """Number of the time limit now running; a `TimeUp` with another number is stale."""
        self._rest = State.OFFLINE
        self._missing: list[type[Event]] = []
        self._is_closed = False
        self._scene = Scene.DARK
        self._limits: dict[State, Seconds] = {
            State.LISTENING: patience.utterance,
            State.SENDING: patience.offline,
            State.THINKING: patience.response,
            State.SPEAKING: patience.response,
            State.FINISHING: REPLY_AT_MOST,
            State.UNANSWERED: UNANSWERED_SHOWN,
        }

    @property
    def limit(self) -> Seconds | None:
        """How long the present state may last, from the moment `alarm` changed."""
        return self._limits.get(self.state)

    @property
    def is_resting(self) -> bool:
        """Whether no turn is going on."""
        return self.state in RESTING

    @property
    def scene(self) -> Scene:
        """What the ring has to show."""
        if self._is_closed and self.state is State.BUTTON_FAULT:
            return Scene.DARK  # a bag that leans on the button all night must not light the room
        if self._missing and self.state not in OWN_SCENES:
            return FAULTS[self._missing[0]]
        away = self._rest is not State.READY and self.state in OFFLINE_SCENES
        return OFFLINE_SCENES[self.state] if away else SCENES[self.state]

    def begin(self) -> tuple[Effect, ...]:
        """Give the first order: light the ring."""
        return self._shown(())

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """
        Take one fact; return what to do about it, in order.

        Raises:
            IllegalEvent: If the tables don't mention this fact in this state. Nothing has changed.

        """
        kind = type(event)
        rule = RULES[self.state].get(kind)
        if rule is None and kind not in IGNORED[self.state]:
            raise IllegalEvent(f"{kind.__name__} in {self.state.name}")
        if self._is_stale(event):
            return ()
        self._rest = RESTS.get(kind, self._rest)
        self._note_devices(kind)
        self._is_closed = kind is HoursClosed or (self._is_closed and kind is not HoursOpened)
        return self._obey(rule) if rule else ()

    def _is_stale(self, event: Event) -> bool:
        if isinstance(event, TimeUp):
            return event.alarm != self.alarm
        return getattr(event, "turn", self.turn) != self.turn

    def _note_devices(self, kind: type[Event]) -> None:
        if kind in LOSSES and kind not in self._missing:
            self._missing.append(kind)
        self._missing = [loss for loss in self._missing if LOSSES[loss] is not kind]

    def _obey(self, rule: Rule) -> tuple[Effect, ...]:
        if rule.opens_turn and self._missing:
            rule = Rule(To.REST, (*rule.orders, DropSpeech()))  # its reply would sound when nobody expects one
        before = self.state
        self.state = self._target(rule.to)
        if self.state is not before or rule.rearms:
            self.alarm += 1
        if rule.opens_turn:
            self.turn = Turn(self.turn + 1)
            return (*self._shown(rule.orders), OpenGate(self.turn))
        orders = self._shown(self._audible(rule.orders))
        if self.state is State.SENDING and self._rest in REFUSALS:
            return (*orders, *self._obey(RULES[State.SENDING][REFUSALS[self._rest]]))
        return orders

    def _target(self, to: State | To) -> State:
        match to:
            case To.STAY:
                return self.state
            case To.REST | State.UNANSWERED if self._is_closed:
                return State.QUIET
            case To.REST | State.UNANSWERED if self._missing:
                return State.NO_DEVICE
            case To.REST:
                return self._rest
            case _:
                return to

    def _audible(self, orders: tuple[Effect, ...]) -> tuple[Effect, ...]:
        """Without a speaker nothing is said: what waits for it would all be said when it is back."""
        if SpeakerLost not in self._missing:
            return orders
        return tuple(order for order in orders if not isinstance(order, Say))

    def _shown(self, orders: tuple[Effect, ...]) -> tuple[Effect, ...]:
        """Put the change of scene last: what closes the gate comes before it, what opens it comes after."""
        if self.scene is self._scene:
            return orders
        self._scene = self.scene
        return (*orders, Show(self.scene))
