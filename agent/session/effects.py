"""Orders the session gives, in the imperative."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from agent.units import Turn


class Scene(enum.Enum):
    """What the ring shows. Colours and movement: `agent/panel/scenes.py`."""

    CONNECTING = "connecting"
    READY = "ready"
    LISTENING = "listening"
    LISTENING_OFFLINE = "listening offline"
    SENDING = "sending"
    THINKING = "thinking"
    SPEAKING = "speaking"
    ASK_ADULT = "ask an adult"
    LATER = "later"
    CLOCK = "clock"
    BUTTON_FAULT = "button fault"
    NO_MICROPHONE = "no microphone"
    NO_SPEAKER = "no speaker"
    DARK = "dark"


LISTENING_SCENES = frozenset({Scene.LISTENING, Scene.LISTENING_OFFLINE})
"""The only scenes under which the gate may be open."""


class Prompt(enum.Enum):
    """What the device says by itself; the value is the file's stem in `agent/prompts`."""

    NOT_CONNECTED = "not-connected"
    ASK_ADULT = "ask-adult"
    LATER = "later"
    TOO_LONG = "too-long"
    CANNOT_HEAR = "cannot-hear"


@dataclass(frozen=True, slots=True)
class Show:
    """Show this scene from now on."""

    scene: Scene


@dataclass(frozen=True, slots=True)
class OpenGate:
    """Let captured samples through to the uplink, as speech of this turn."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class CloseGate:
    """Let nothing through any more; what was captured goes out, then the end of the utterance."""


@dataclass(frozen=True, slots=True)
class DropSpeech:
    """Forget what is kept of the student's speech, count it and log it."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Make the speaker silent at once and freeze what was heard."""


@dataclass(frozen=True, slots=True)
class CancelReply:
    """The reply that is pending, running or playing is no longer wanted."""


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a prompt of the device's own."""

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Redial:
    """Close a link that does not answer and dial again."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the link for good."""


Effect = Show | OpenGate | CloseGate | DropSpeech | Silence | CancelReply | Say | Redial | HangUp
