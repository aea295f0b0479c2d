"""Lines of what happens and is over: each stands for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from agent.durations import duration
from agent.journal.lines import Entry, Line, Priority
from agent.observer import Fact
from agent.units import Seconds

Facts = Mapping[str, Fact]

ENDS: Final = {"heard": "heard to the end", "interrupted": "interrupted", "unanswered": "not answered"}


WHY_UNANSWERED: Final[Mapping[str, str]] = {
    "TimeUp": "no answer in time",
    "UtteranceLost": "it could not be sent",
    "UtteranceRefused": "the tutor heard nothing in it",
    "ReplyFailed": "the tutor failed",
    "ReplyLimited": "over budget, or asked too often",
    "LinkRefused": "the relay refuses this device",
    "LinkLimited": "over budget, or asked too often",
}
"""In words, by the fact that ended the wait; another one stands for itself."""


def entry(line: Line, message: str, facts: Facts, topic: str | None = None) -> Entry:
    """An entry of its usual priority; alone in its topic unless that is told."""
    return Entry(line, line.priority, message, facts, topic or line.name.lower())


def _turn(facts: Facts) -> Entry:
    # What was not answered has a line of its own, with the reason.
    priority = Priority.DEBUG if facts["end"] == "unanswered" else Line.TURN.priority
    return Entry(Line.TURN, priority, turn(facts), facts, "turn")


def turn(facts: Facts) -> str:
    """One turn, as `TurnNumbers` tells of it: when it was heard, how it ended, and what was wrong with the sound."""
    parts = [ENDS.get(str(facts["end"]), str(facts["end"]))]
    if "release_to_sound_ms" in facts:
        parts.insert(0, f"first sound {facts['release_to_sound_ms']} ms after release")
    if "press_to_silence_ms" in facts:
        parts.append(f"silent {facts['press_to_silence_ms']} ms after the press")
    if facts.get("stalls"):
        parts.append(f"{counted(facts['stalls'], 'stall')} of {facts.get('stalled_ms', 0)} ms in all")
    parts += [counted(facts[kind], kind.removesuffix("s")) for kind in ("underruns", "overruns") if facts.get(kind)]
    return f"turn {facts['turn']}: {', '.join(parts)}"


def counted(number: Fact, thing: str) -> str:
    """So many of a thing."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _unanswered(facts: Facts) -> Entry:
    why = str(facts["why"])
    return entry(Line.UNANSWERED, f"turn {facts['turn']} was not answered: {WHY_UNANSWERED.get(why, why)}", facts)


def _dropped(facts: Facts) -> Entry:
    return entry(Line.DROPPED, f"dropped {facts['ms']} ms of speech: nobody to send it to", facts)


def _prompt(facts: Facts) -> Entry:
    return entry(Line.PROMPT, f"said: {facts['name']}", facts)


def _too_long(facts: Facts) -> Entry:
    return entry(Line.TOO_LONG, f"turn {facts['turn']}: held too long; what was said until then was sent", facts)


def _token(facts: Facts) -> Entry:
    if facts["kept"]:
        return entry(Line.TOKEN_ROTATED, "a new token is kept, and used from the next connection on", facts)
    return entry(Line.TOKEN_NOT_KEPT, f"a new token could not be kept: {facts['why']}", facts)


def _hours(facts: Facts) -> Entry:
    if facts["open"]:
        return entry(Line.HOURS_OPENED, "school hours begin", facts)
    return entry(Line.HOURS_CLOSED, "school hours are over", facts)


def _stale(facts: Facts) -> Entry:
    name, for_long = facts["name"], duration(Seconds(float(facts["age_s"])))
    if facts["moves"]:
        return entry(Line.MOVES, f"{name} moves again, after {for_long}", facts, f"stale {name}")
    return entry(Line.STALE, f"{name} has not moved for {for_long}", facts, f"stale {name}")


def _scene(facts: Facts) -> Entry:
    return entry(Line.SCENE, f"= {facts['name']}", facts)


PLAIN: Final[Mapping[str, Callable[[Facts], Entry]]] = {
    "turn": _turn,
    "unanswered": _unanswered,
    "dropped": _dropped,
    "prompt": _prompt,
    "too_long": _too_long,
    "token": _token,
    "hours": _hours,
    "stale": _stale,
    "scene": _scene,
}
"""By the kind of the note."""

STEPS: Final = frozenset({"button", "gate", "commit", "sound", "stall"})
"""What a turn is made of: for whoever looks closely; the line of the turn has its sum."""


def step(kind: str, facts: Facts) -> Entry:
    """One of them."""
    return entry(Line.STEP, " ".join([kind, *(f"{name}={fact}" for name, fact in facts.items())]), facts)
