"""
The session's table: what every fact does in every state.

`RULES` says what each fact does in each state; `IGNORED` says what means nothing there. Together they name every
pair exactly once (a test walks them all). The diagram in README is drawn from `RULES`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from agent.session.effects import (
    CancelReply,
    CloseGate,
    DropSpeech,
    Effect,
    HangUp,
    Prompt,
    Redial,
    Say,
    Scene,
    Silence,
)
from agent.session.events import (
    ButtonStuck,
    ClockWrong,
    Event,
    HoursClosed,
    HoursOpened,
    LinkLimited,
    LinkLost,
    LinkRefused,
    LinkUp,
    MicrophoneBack,
    MicrophoneLost,
    ReplyArrived,
    ReplyAudible,
    ReplyDrained,
    ReplyEnded,
    ReplyFailed,
    ReplyLimited,
    RingBack,
    RingLost,
    SpeakerBack,
    SpeakerLost,
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


class State(enum.Enum):
    """What the agent is doing."""

    OFFLINE = "offline"
    """Between turns; the link is being dialled."""
    REFUSED = "refused"
    """Between turns; a person must act: the relay refused our token, or something else answers in its place."""
    LIMITED = "limited"
    """Between turns; over budget or rate limited."""
    CLOCK = "clock"
    """Between turns; our clock is behind, so certificates look invalid."""
    READY = "ready"
    """Between turns; the link is up."""
    UNANSWERED = "unanswered"
    """Between turns; the far end had no answer to the last one. Until the next press, or for a while."""
    NO_DEVICE = "no device"
    """Between turns; microphone, speaker or ring is missing, so there will be none."""
    QUIET = "quiet"
    """Between turns, outside school hours: dark, deaf to the button, and mute."""
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
"""Where the session rests between turns after this fact about the link, while no device is missing."""

REFUSALS: Final[dict[State, type[Event]]] = {State.REFUSED: LinkRefused, State.LIMITED: LinkLimited}
"""Where speech need not wait for the link: what was refused while it was spoken is refused when it is to be sent."""

RESTING: Final = frozenset({*RESTS.values(), State.UNANSWERED, State.NO_DEVICE, State.QUIET})
"""The states between turns."""

AWAITING: Final = frozenset({State.SENDING, State.THINKING})
"""The states in which the student waits for the tutor: from here to rest is a turn without an answer."""

LOSSES: Final[dict[type[Event], type[Event]]] = {
    MicrophoneLost: MicrophoneBack,
    SpeakerLost: SpeakerBack,
    RingLost: RingBack,
}
"""What takes a device away, and what brings it back."""

DEVICES: Final = frozenset[type[Event]]({*LOSSES, *LOSSES.values()})
HOURS: Final = frozenset[type[Event]]({HoursOpened, HoursClosed})

# A prompt of our own may be playing, hence silence first even when no reply is on its way.
_PRESS = Rule(State.LISTENING, (Silence(), CancelReply()), opens_turn=True)
_FAULT = Rule(State.BUTTON_FAULT, (CloseGate(), Silence(), CancelReply(), DropSpeech()))
_STOP = Rule(State.STOPPING, (CloseGate(), Silence(), HangUp()))
_ALWAYS: dict[type[Event], Rule] = {ButtonStuck: _FAULT, StopAsked: _STOP}
_RESTING: dict[type[Event], Rule] = {**dict.fromkeys(LINK | DEVICES | HOURS, Rule(To.REST)), **_ALWAYS}
_LATER: dict[type[Event], Rule] = dict.fromkeys(DEVICES | HOURS, Rule(To.STAY))
_DEAF = Rule(State.SENDING, (CloseGate(),))
_REFUSED = Rule(To.REST, (CancelReply(), DropSpeech(), Say(Prompt.ASK_ADULT)))
_LIMITED = Rule(To.REST, (CancelReply(), DropSpeech(), Say(Prompt.LATER)))
_CUT_OFF = dict.fromkeys(LINK - {LinkUp}, Rule(State.FINISHING))

RULES: Final[dict[State, dict[type[Event], Rule]]] = {
    State.OFFLINE: {TurnOpened: _PRESS, **_RESTING},
    State.REFUSED: {TurnOpened: Rule(To.STAY, (Say(Prompt.ASK_ADULT),)), **_RESTING},
    State.LIMITED: {TurnOpened: Rule(To.STAY, (Say(Prompt.LATER),)), **_RESTING},
    State.CLOCK: {TurnOpened: _PRESS, **_RESTING},
    State.READY: {TurnOpened: _PRESS, **_RESTING},
    State.UNANSWERED: {
        TurnOpened: _PRESS,
        TimeUp: Rule(To.REST),
        **_RESTING,
        **dict.fromkeys({LinkUp, LinkLost}, Rule(To.STAY)),
    },
    State.NO_DEVICE: {TurnOpened: Rule(To.STAY, (Say(Prompt.CANNOT_HEAR),)), **_RESTING},
    State.QUIET: _RESTING,
    State.LISTENING: {
        TurnClosed: Rule(State.SENDING, (CloseGate(),)),
        TimeUp: Rule(State.SENDING, (CloseGate(), Say(Prompt.TOO_LONG))),
        StoreFull: Rule(State.SENDING, (CloseGate(), Say(Prompt.NOT_CONNECTED))),
        **dict.fromkeys(LINK, Rule(To.STAY)),
        **_LATER,
        MicrophoneLost: _DEAF,
        RingLost: _DEAF,
        **_ALWAYS,
    },
    State.SENDING: {
        TurnOpened: _PRESS,
        UtteranceSent: Rule(State.THINKING),
        Tapped: Rule(To.REST),
        UtteranceLost: Rule(State.UNANSWERED, (Say(Prompt.NOT_CONNECTED),)),
        TimeUp: Rule(To.REST, (DropSpeech(), Say(Prompt.NOT_CONNECTED), Redial())),  # a link that takes nothing is dead
        LinkRefused: _REFUSED,
        LinkLimited: _LIMITED,
        LinkUp: Rule(To.STAY, rearms=True),
        **dict.fromkeys({LinkLost, ClockWrong}, Rule(To.STAY)),
        **_LATER,
        **_ALWAYS,
    },
    State.THINKING: {
        TurnOpened: _PRESS,
        ReplyArrived: Rule(To.STAY, rearms=True),
        ReplyAudible: Rule(State.SPEAKING),
        ReplyEnded: Rule(State.FINISHING),
        ReplyFailed: Rule(State.UNANSWERED, (Say(Prompt.NOT_CONNECTED),)),
        ReplyLimited: Rule(State.UNANSWERED, (Say(Prompt.LATER),)),
        UtteranceRefused: Rule(To.REST, (Say(Prompt.CANNOT_HEAR),)),  # "try again", so the ring must not say "later"
        TimeUp: Rule(State.UNANSWERED, (CancelReply(), DropSpeech(), Say(Prompt.NOT_CONNECTED), Redial())),
        LinkLost: Rule(State.SENDING),
        ClockWrong: Rule(State.SENDING),
        LinkRefused: _REFUSED,
        LinkLimited: _LIMITED,
        **_LATER,
        **_ALWAYS,
    },
    State.SPEAKING: {
        TurnOpened: _PRESS,
        ReplyArrived: Rule(To.STAY, rearms=True),
        ReplyEnded: Rule(State.FINISHING),
        TimeUp: Rule(State.FINISHING, (Say(Prompt.NOT_CONNECTED), Redial())),  # said behind what still waits
        **_CUT_OFF,
        **_LATER,
        **_ALWAYS,
    },
    State.FINISHING: {
        TurnOpened: _PRESS,
        ReplyDrained: Rule(To.REST),
        TimeUp: Rule(To.REST, (Silence(),)),
        **_LATER,
        **_ALWAYS,
    },
    State.BUTTON_FAULT: {
        TurnClosed: Rule(To.REST),
        **dict.fromkeys(HOURS, Rule(To.STAY)),
        StopAsked: _STOP,
    },
    State.STOPPING: {},
}

_IDLY = frozenset[type[Event]]({TurnClosed, TimeUp}) | UTTERANCE | REPLY

IGNORED: Final[dict[State, frozenset[type[Event]]]] = {
    State.OFFLINE: _IDLY,
    State.REFUSED: _IDLY,
    State.LIMITED: _IDLY,
    State.CLOCK: _IDLY,
    State.READY: _IDLY,
    State.UNANSWERED: _IDLY - {TimeUp},
    State.NO_DEVICE: _IDLY,
    State.QUIET: _IDLY | {TurnOpened},
    State.LISTENING: frozenset({TurnOpened}) | (UTTERANCE - {StoreFull}) | REPLY,
    State.SENDING: frozenset({TurnClosed, StoreFull}) | REPLY,
    State.THINKING: frozenset({TurnClosed, ReplyDrained, LinkUp}) | UTTERANCE,
    State.SPEAKING: frozenset(
        {TurnClosed, ReplyAudible, ReplyDrained, ReplyFailed, ReplyLimited, UtteranceRefused, LinkUp}
    )
    | UTTERANCE,
    State.FINISHING: frozenset({TurnClosed}) | UTTERANCE | (REPLY - {ReplyDrained}) | LINK,
    State.BUTTON_FAULT: frozenset({TurnOpened, ButtonStuck, TimeUp}) | UTTERANCE | REPLY | LINK | DEVICES,
    State.STOPPING: frozenset({TurnOpened, TurnClosed, ButtonStuck, TimeUp, StopAsked})
    | UTTERANCE
    | REPLY
    | LINK
    | DEVICES
    | HOURS,
}

SCENES: Final[dict[State, Scene]] = {
    State.OFFLINE: Scene.CONNECTING,
    State.REFUSED: Scene.ASK_ADULT,
    State.LIMITED: Scene.LATER,
    State.CLOCK: Scene.CLOCK,
    State.READY: Scene.READY,
    State.UNANSWERED: Scene.LATER,
    State.NO_DEVICE: Scene.NO_MICROPHONE,
    State.QUIET: Scene.DARK,
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


FAULTS: Final[dict[type[Event], Scene]] = {
    MicrophoneLost: Scene.NO_MICROPHONE,
    SpeakerLost: Scene.NO_SPEAKER,
    RingLost: Scene.DARK,
}
"""What it shows while a device is missing; the first one counts."""

OWN_SCENES: Final = frozenset({State.QUIET, State.LISTENING, State.BUTTON_FAULT, State.STOPPING})
"""States whose own scene is shown whatever is missing."""
