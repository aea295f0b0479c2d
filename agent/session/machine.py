"""
The session machine: what the agent is doing, as a table.

`RULES` says what each fact does in each state; `IGNORED` says what means nothing there. Together they name every
pair exactly once (a test walks them all). The diagram in README is drawn from `RULES`.

Two things are not in the table. Facts about the link also set where the machine rests between turns
(`RESTS`), whatever it is doing. And facts that carry a turn are dropped when that turn is over: an interrupted
reply goes on arriving for a while.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from agent.errors import IllegalEvent
from agent.session.effects import (
    CancelReply,
    CloseGate,
    DropSpeech,
    Effect,
    HangUp,
    OpenGate,
    Prompt,
    Redial,
    Say,
    Scene,
    Show,
    Silence,
)
from agent.session.events import (
    ButtonStuck,
    ClockWrong,
    Event,
    LinkLimited,
    LinkLost,
    LinkRefused,
    LinkUp,
    ReplyArrived,
    ReplyAudible,
    ReplyDrained,
    ReplyEnded,
    ReplyFailed,
    ReplyLimited,
    StopAsked,
    StoreFull,
    Tapped,
    TimeUp,
    TurnClosed,
    TurnOpened,
    UtteranceLost,
    UtteranceRefused,
    UtteranceSent,
)
from agent.units import Seconds, Turn


class State(enum.Enum):
    """What the agent is doing."""

    OFFLINE = "offline"
    """Between turns; the link is being dialled."""
    REFUSED = "refused"
    """Between turns; the relay refused our token, a person must act."""
    LIMITED = "limited"
    """Between turns; over budget or rate limited."""
    CLOCK = "clock"
    """Between turns; our clock is behind, so certificates look invalid."""
    READY = "ready"
    """Between turns; the link is up."""
    LISTENING = "listening"
    """The gate is open, whether the link is up or not."""
    SENDING = "sending"
    """The gate is closed; not all of the utterance has gone out."""
    THINKING = "thinking"
    """The utterance was committed; nothing was heard of a reply."""
    SPEAKING = "speaking"
    """A reply is audible and more of it may come."""
    FINISHING = "finishing"
    """All of the reply has arrived that will; it is played to its end."""
    BUTTON_FAULT = "button fault"
    """The button does not come up: nothing until it does."""
    STOPPING = "stopping"
    """The agent is ending; there is no way back."""


class To(enum.Enum):
    """Where a rule leads when it is not to a state of its own."""

    REST = "rest"
    """To the state between turns that fits the link."""
    STAY = "stay"
    """Nowhere."""


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


@dataclass(frozen=True, slots=True)
class Rule:
    """What a fact does: the orders it gives, where it leads."""

    to: State | To
    orders: tuple[Effect, ...] = ()
    opens_turn: bool = False
    rearms: bool = False
    """Start the state's time limit anew although the state stays."""


LINK: Final = frozenset[type[Event]]({LinkUp, LinkLost, LinkRefused, LinkLimited, ClockWrong})
UTTERANCE: Final = frozenset[type[Event]]({Tapped, StoreFull, UtteranceSent, UtteranceLost})
REPLY: Final = frozenset[type[Event]](
    {ReplyArrived, ReplyAudible, ReplyEnded, ReplyFailed, ReplyLimited, UtteranceRefused, ReplyDrained}
)

RESTS: Final[dict[type[Event], State]] = {
    LinkUp: State.READY,
    LinkLost: State.OFFLINE,
    LinkRefused: State.REFUSED,
    LinkLimited: State.LIMITED,
    ClockWrong: State.CLOCK,
}
"""Where the session rests between turns after this fact about the link."""

# A prompt of our own may be playing, hence silence first even when no reply is on its way.
_PRESS = Rule(State.LISTENING, (Silence(), CancelReply()), opens_turn=True)
_FAULT = Rule(State.BUTTON_FAULT, (CloseGate(), Silence(), CancelReply(), DropSpeech()))
_STOP = Rule(State.STOPPING, (CloseGate(), Silence(), HangUp()))
_ALWAYS: dict[type[Event], Rule] = {ButtonStuck: _FAULT, StopAsked: _STOP}
_RESTING: dict[type[Event], Rule] = {**dict.fromkeys(LINK, Rule(To.REST)), **_ALWAYS}
_REFUSED = Rule(To.REST, (CancelReply(), DropSpeech(), Say(Prompt.ASK_ADULT)))
_LIMITED = Rule(To.REST, (CancelReply(), DropSpeech(), Say(Prompt.LATER)))
_CUT_OFF = dict.fromkeys(LINK - {LinkUp}, Rule(State.FINISHING))

RULES: Final[dict[State, dict[type[Event], Rule]]] = {
    State.OFFLINE: {TurnOpened: _PRESS, **_RESTING},
    State.REFUSED: {TurnOpened: Rule(To.STAY, (Say(Prompt.ASK_ADULT),)), **_RESTING},
    State.LIMITED: {TurnOpened: Rule(To.STAY, (Say(Prompt.LATER),)), **_RESTING},
    State.CLOCK: {TurnOpened: _PRESS, **_RESTING},
    State.READY: {TurnOpened: _PRESS, **_RESTING},
    State.LISTENING: {
        TurnClosed: Rule(State.SENDING, (CloseGate(),)),
        TimeUp: Rule(State.SENDING, (CloseGate(), Say(Prompt.TOO_LONG))),
        StoreFull: Rule(State.SENDING, (CloseGate(), Say(Prompt.NOT_CONNECTED))),
        **dict.fromkeys(LINK, Rule(To.STAY)),
        **_ALWAYS,
    },
    State.SENDING: {
        TurnOpened: _PRESS,
        UtteranceSent: Rule(State.THINKING),
        Tapped: Rule(To.REST),
        UtteranceLost: Rule(To.REST, (Say(Prompt.NOT_CONNECTED),)),
        TimeUp: Rule(To.REST, (DropSpeech(), Say(Prompt.NOT_CONNECTED))),
        LinkRefused: _REFUSED,
        LinkLimited: _LIMITED,
        **dict.fromkeys({LinkUp, LinkLost, ClockWrong}, Rule(To.STAY)),
        **_ALWAYS,
    },
    State.THINKING: {
        TurnOpened: _PRESS,
        ReplyArrived: Rule(To.STAY, rearms=True),
        ReplyAudible: Rule(State.SPEAKING),
        ReplyEnded: Rule(State.FINISHING),
        ReplyFailed: Rule(To.REST, (Say(Prompt.NOT_CONNECTED),)),
        ReplyLimited: Rule(To.REST, (Say(Prompt.LATER),)),
        UtteranceRefused: Rule(To.REST, (Say(Prompt.CANNOT_HEAR),)),
        TimeUp: Rule(To.REST, (CancelReply(), DropSpeech(), Say(Prompt.NOT_CONNECTED), Redial())),
        LinkLost: Rule(State.SENDING),
        ClockWrong: Rule(State.SENDING),
        LinkRefused: _REFUSED,
        LinkLimited: _LIMITED,
        **_ALWAYS,
    },
    State.SPEAKING: {
        TurnOpened: _PRESS,
        ReplyArrived: Rule(To.STAY, rearms=True),
        ReplyEnded: Rule(State.FINISHING),
        TimeUp: Rule(State.FINISHING, (Redial(),)),
        **_CUT_OFF,
        **_ALWAYS,
    },
    State.FINISHING: {
        TurnOpened: _PRESS,
        ReplyDrained: Rule(To.REST),
        TimeUp: Rule(To.REST, (Silence(),)),
        **_ALWAYS,
    },
    State.BUTTON_FAULT: {TurnClosed: Rule(To.REST), StopAsked: _STOP},
    State.STOPPING: {},
}

_IDLY = frozenset[type[Event]]({TurnClosed, TimeUp}) | UTTERANCE | REPLY

IGNORED: Final[dict[State, frozenset[type[Event]]]] = {
    State.OFFLINE: _IDLY,
    State.REFUSED: _IDLY,
    State.LIMITED: _IDLY,
    State.CLOCK: _IDLY,
    State.READY: _IDLY,
    State.LISTENING: frozenset({TurnOpened}) | (UTTERANCE - {StoreFull}) | REPLY,
    State.SENDING: frozenset({TurnClosed, StoreFull}) | REPLY,
    State.THINKING: frozenset({TurnClosed, ReplyDrained, LinkUp}) | UTTERANCE,
    State.SPEAKING: frozenset(
        {TurnClosed, ReplyAudible, ReplyDrained, ReplyFailed, ReplyLimited, UtteranceRefused, LinkUp}
    )
    | UTTERANCE,
    State.FINISHING: frozenset({TurnClosed}) | UTTERANCE | (REPLY - {ReplyDrained}) | LINK,
    State.BUTTON_FAULT: frozenset({TurnOpened, ButtonStuck, TimeUp}) | UTTERANCE | REPLY | LINK,
    State.STOPPING: frozenset({TurnOpened, TurnClosed, ButtonStuck, TimeUp, StopAsked}) | UTTERANCE | REPLY | LINK,
}

SCENES: Final[dict[State, Scene]] = {
    State.OFFLINE: Scene.CONNECTING,
    State.REFUSED: Scene.ASK_ADULT,
    State.LIMITED: Scene.LATER,
    State.CLOCK: Scene.CLOCK,
    State.READY: Scene.READY,
    State.LISTENING: Scene.LISTENING,
    State.SENDING: Scene.THINKING,
    State.THINKING: Scene.THINKING,
    State.SPEAKING: Scene.SPEAKING,
    State.FINISHING: Scene.SPEAKING,
    State.BUTTON_FAULT: Scene.BUTTON_FAULT,
    State.STOPPING: Scene.DARK,
}
"""What the ring shows while the link is up."""

OFFLINE_SCENES: Final[dict[State, Scene]] = {
    State.LISTENING: Scene.LISTENING_OFFLINE,
    State.SENDING: Scene.SENDING,
}
"""What it shows instead while the link is down."""


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
        self._scene = Scene.DARK
        self._limits: dict[State, Seconds] = {
            State.LISTENING: patience.utterance,
            State.SENDING: patience.offline,
            State.THINKING: patience.response,
            State.SPEAKING: patience.response,
            State.FINISHING: REPLY_AT_MOST,
        }

    @property
    def limit(self) -> Seconds | None:
        """How long the present state may last, from the moment `alarm` changed."""
        return self._limits.get(self.state)

    @property
    def is_resting(self) -> bool:
        """Whether no turn is going on."""
        return self.state in RESTS.values()

    @property
    def scene(self) -> Scene:
        """What the ring has to show."""
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
        return self._obey(rule) if rule else ()

    def _is_stale(self, event: Event) -> bool:
        if isinstance(event, TimeUp):
            return event.alarm != self.alarm
        return getattr(event, "turn", self.turn) != self.turn

    def _obey(self, rule: Rule) -> tuple[Effect, ...]:
        before = self.state
        self.state = self._target(rule.to)
        if self.state is not before or rule.rearms:
            self.alarm += 1
        if rule.opens_turn:
            self.turn = Turn(self.turn + 1)
            return (*self._shown(rule.orders), OpenGate(self.turn))
        return self._shown(rule.orders)

    def _target(self, to: State | To) -> State:
        match to:
            case To.REST:
                return self._rest
            case To.STAY:
                return self.state
            case _:
                return to

    def _shown(self, orders: tuple[Effect, ...]) -> tuple[Effect, ...]:
        """Put the change of scene last: what closes the gate comes before it, what opens it comes after."""
        if self.scene is self._scene:
            return orders
        self._scene = self.scene
        return (*orders, Show(self.scene))
