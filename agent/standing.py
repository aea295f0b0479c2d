"""What `systemctl status` says of the agent: a sentence or two for IT, made of what observers are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent.link.reason import Kind
from agent.observer import Fact
from agent.session.effects import Scene
from agent.units import Seconds

DOING: Final[Mapping[str, str]] = {
    Scene.READY.value: "Ready.",
    Scene.LISTENING.value: "In a turn.",
    Scene.LISTENING_OFFLINE.value: "In a turn.",
    Scene.SENDING.value: "In a turn.",
    Scene.THINKING.value: "In a turn.",
    Scene.SPEAKING.value: "In a turn.",
    Scene.BUTTON_FAULT.value: "The button does not come up.",
}
"""By the scene; what the others show is told of the link and the devices, with the reason."""


class Standing:
    """An observer that keeps up with how things are."""

    def __init__(self) -> None:
        self.has_scene = False
        """Whether the ring was told what to show."""
        self._doing = ""
        self._link = "Connecting to the relay."
        self._tries = 0
        self._hours = ""
        self._missing: list[str] = []
        self._stale: list[str] = []

    @property
    def sentence(self) -> str:
        """How things are, in one line."""
        stale = (f"Stands still: {name}." for name in self._stale)
        missing = (f"No {which}." for which in self._missing)
        return " ".join(part for part in (*stale, self._hours, self._doing, self._link, *missing) if part)

    def note(self, kind: str, *, at: Seconds | None = None, **facts: Fact) -> None:
        """Take a fact."""
        del at
        match kind:
            case "scene":
                self.has_scene, self._doing = True, DOING.get(str(facts["name"]), "")
            case "link" if facts.get("failure") != Kind.PLANNED.value:  # after which it is dialled at once
                self._link = self._linked(facts)
            case "hours":
                self._hours = "" if facts["open"] else "Outside school hours."
            case "device":
                _listed(self._missing, str(facts["which"]), is_in=not facts["found"])
            case "stale":
                _listed(self._stale, str(facts["name"]), is_in=not facts["moves"])
            case _:
                pass

    def _linked(self, facts: Mapping[str, Fact]) -> str:
        if facts["up"]:
            self._tries = 0
            return "Link up."
        self._tries += 1
        tries = "1 try" if self._tries == 1 else f"{self._tries} tries"
        return f"Not connected to the relay: {facts['why']} ({tries})."


def _listed(names: list[str], name: str, *, is_in: bool) -> None:
    if name in names:
        names.remove(name)
    if is_in:
        names.append(name)
