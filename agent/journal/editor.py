"""What of all that the agent tells is worth a line, and how much it matters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from agent.durations import duration
from agent.journal.lines import Entry, Line, Priority
from agent.journal.plain import PLAIN, STEPS, Facts, entry, step
from agent.journal.recurring import Recurring, Spell
from agent.link.reason import Kind
from agent.units import Seconds

LINK: Final[Mapping[str, Line]] = {
    Kind.LOST.value: Line.LINK_LOST,
    Kind.PLANNED.value: Line.LINK_PLANNED,
    Kind.NAME_NOT_FOUND.value: Line.NAME_NOT_FOUND,
    Kind.UNREACHABLE.value: Line.UNREACHABLE,
    Kind.TOKEN_REFUSED.value: Line.TOKEN_REFUSED,
    Kind.NO_TOKEN.value: Line.NO_TOKEN,
    Kind.LIMITED.value: Line.LIMITED,
    Kind.CLOCK_BEHIND.value: Line.CLOCK_BEHIND,
    Kind.NOT_TRUSTED.value: Line.CERTIFICATE,
    Kind.PORTAL.value: Line.PORTAL,
    Kind.MISCONFIGURED.value: Line.MISCONFIGURED,
    Kind.SILENT.value: Line.SILENT,
}
"""By what the link is down of."""

BOARD: Final[Mapping[str, Line]] = {
    "power": Line.UNDERVOLTAGE,
    "temperature": Line.HOT,
    "memory": Line.LITTLE_MEMORY,
    "own memory": Line.OWN_MEMORY,
    "disk": Line.DISK_FULL,
    "disk read-only": Line.DISK_READ_ONLY,
    "clock step": Line.CLOCK_STEPPED,
    "wifi power save": Line.WIFI_POWER_SAVE,
}
"""By what `agent.health.watch` finds wrong."""

PLANNED: Final = Kind.PLANNED.value
STUCK: Final = "the button does not come up"
NO_LIGHT: Final = "no light, so no microphone"
OWN: Final[Mapping[str, Line]] = {"metrics_file": Line.METRICS_FILE, "no status socket": Line.STATUS_SOCKET}
"""How troubles of the agent's own begin."""

FAILURES: Final = ("error ", "no reply")
"""How troubles begin that are no words of the far end."""

ROUTINE: Final = frozenset({"late audio", "late words"})
"""What every interruption brings."""

_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
"""What makes the same reason another text each minute."""


class Editor:
    """Told what happens; answers with entries."""

    def __init__(self) -> None:
        self._spells: defaultdict[str, Recurring] = defaultdict(Recurring)
        self._reasons: frozenset[str] = frozenset()

    def told(self, kind: str, facts: Facts, at: Seconds) -> Iterator[Entry]:
        """Take a note of the agent's observers; kinds that are of no interest here are passed over."""
        if kind in PLAIN:
            yield PLAIN[kind](facts)
        elif kind in STEPS:
            yield step(kind, facts)
            yield from self._button(facts, at)
        match kind:
            case "link":
                yield self._link(facts, at)
            case "device":
                yield from self._device(facts, at)
            case "board":
                yield from self._board(facts, at)
            case "trouble":
                yield self._trouble(facts, at)
            case "health":
                yield from self._health(facts)
            case _:
                pass

    def _button(self, facts: Facts, at: Seconds) -> Iterator[Entry]:
        if facts.get("down") is False and (spell := self._spells["button"].recovered(at)):
            message = f"the button came up, after {duration(spell.lasted)}"
            yield Entry(Line.BUTTON_FREE, Priority.INFO, message, _with(facts, spell), "button")

    def _link(self, facts: Facts, at: Seconds) -> Entry:
        if facts["up"]:
            return self._link_up(self._spells["link"].recovered(at), facts)
        kind = str(facts.get("failure", Kind.LOST.value))
        line = LINK[kind]
        spell = self._spells["link"].failed(kind, at)
        if kind == PLANNED:
            return Entry(line, _level(line, spell), f"link closed as planned: {facts['why']}", facts, PLANNED)
        message = f"link down, {kind}: {facts['why']}"
        return Entry(line, _level(line, spell), _since(message, spell), _with(facts, spell), "link")

    def _link_up(self, spell: Spell | None, facts: Facts) -> Entry:
        if spell is None:
            return Entry(Line.LINK_UP, Priority.INFO, "link up", facts, "link")
        # A close that was planned, and went as planned, was one change of the link and had its line.
        priority = Priority.DEBUG if spell.kinds == {PLANNED} else Priority.INFO
        message = f"link up after {duration(spell.lasted)} and {_tries(spell.tries)}"
        return Entry(Line.LINK_UP, priority, message, _with(facts, spell), "link")

    def _device(self, facts: Facts, at: Seconds) -> Iterator[Entry]:
        which, what = str(facts["which"]), facts["what"]
        topic = f"device {which}"
        if not facts["found"]:
            yield self._failed(Line.DEVICE_LOST, topic, f"{which} lost: {what}", facts, at)
            return
        if which == "ring":
            self._spells["light"].recovered(at)  # the next microphone without a light is news again
        spell = self._spells[topic].recovered(at)
        after = f", after {duration(spell.lasted)}" if spell else ""
        yield Entry(Line.DEVICE_FOUND, Priority.INFO, f"{which} found: {what}{after}", _with(facts, spell), topic)

    def _board(self, facts: Facts, at: Seconds) -> Iterator[Entry]:
        name, what = str(facts["name"]), facts["what"]
        line, topic = BOARD[name], f"board {name}"
        if facts["wrong"]:
            yield self._failed(line, topic, f"{name}: {what}", facts, at)
        elif spell := self._spells[topic].recovered(at):
            message = f"{name}: well again after {duration(spell.lasted)}: {what}"
            yield Entry(Line.BOARD_WELL, Priority.INFO, message, _with(facts, spell), topic)
        else:  # a clock that was set for the first time: nothing was wrong, but the times above are
            yield Entry(line, Priority.INFO, f"{name}: {what}", facts, topic)

    def _trouble(self, facts: Facts, at: Seconds) -> Entry:
        name = str(facts["name"])
        if name == STUCK:
            return self._failed(Line.BUTTON_STUCK, "button", name, facts, at)
        if name == NO_LIGHT:
            return self._failed(Line.NO_LIGHT, "light", name, facts, at)
        if name in ROUTINE:
            return entry(Line.STEP, name, facts)
        own = next((line for beginning, line in OWN.items() if name.startswith(beginning)), None)
        if own:
            return entry(own, name, facts)
        line = Line.RELAY_ERROR if name.startswith(FAILURES) else Line.ODD_EVENT
        return entry(line, f"from the relay: {name}", facts)

    def _health(self, facts: Facts) -> Iterator[Entry]:
        told = str(facts["reasons"])
        yield entry(Line.HEALTH, f"health {facts['score']}: {told or 'all is well'}", facts)
        reasons = frozenset(_same(reason) for reason in told.split("; ") if reason)
        if reasons != self._reasons:
            priority = Priority.WARNING if reasons - self._reasons else Priority.INFO
            message = f"health is {facts['score']} now: {told or 'all is well'}"
            brief = {name: facts[name] for name in ("score", "reasons")}
            yield Entry(Line.HEALTH_CHANGED, priority, message, brief, "health")
        self._reasons = reasons

    def _failed(self, line: Line, topic: str, message: str, facts: Facts, at: Seconds) -> Entry:
        spell = self._spells[topic].failed("", at)
        return Entry(line, _level(line, spell), _since(message, spell), _with(facts, spell), topic)


def _level(line: Line, spell: Spell) -> Priority:
    return line.priority if spell.is_news else Priority.DEBUG


def _since(message: str, spell: Spell) -> str:
    if spell.tries == 1:
        return message
    return f"{message} (for {duration(spell.lasted)}, {_tries(spell.tries)})"


def _tries(tries: int) -> str:
    return "1 try" if tries == 1 else f"{tries} tries"


def _with(facts: Facts, spell: Spell | None) -> Facts:
    return {**facts, "lasted_s": spell.lasted, "tries": spell.tries} if spell else facts


def _same(reason: str) -> str:
    """What stays of a reason while its numbers and its details change."""
    return _NUMBER.sub("#", reason).partition(": ")[0]
