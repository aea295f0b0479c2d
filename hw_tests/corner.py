"""The devices under test, as the agent's own settings say, opened by the agent's own rooms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.app import monotonic
from agent.check.service import UNIT, running
from agent.check.system import Tool, tool
from agent.devices import cards, mixer, raspberry_pi
from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.gpio import lgpio_factory
from agent.devices.ports import Button, LedRing
from agent.errors import DeviceBusy, DeviceMissing
from agent.settings import Ring, Settings
from hw_tests.board import is_pi
from hw_tests.person import Person, lacking


class Corner:
    """
    A Raspberry Pi with what the settings name; a card that is not plugged in raises DeviceMissing.

    Args:
        settings: The agent's.
        person: Who is there.
        root: Where `proc`, `sys` and the rest are.
        run: Runs commands.

    """

    lock = "reading-corner-hw-tests"
    """One run at a time for each of these names, on the whole machine."""

    lgpio: Path | None = None
    """Where the pins' library is, if it is not to be looked for."""

    def __init__(self, settings: Settings, person: Person, root: Path = Path("/"), run: Tool = tool) -> None:
        self.settings, self.person, self.root, self.run = settings, person, root, run
        self.found: dict[str, str] = {}
        """Which card each is, and why, for the report."""

    def refusal(self) -> str | None:
        """Say why nothing may be tested now."""
        if running(self.root) is None:
            return None
        return f"{UNIT} runs and holds the devices: sudo systemctl stop {UNIT}, and start it again afterwards"

    def microphone(self) -> AlsaMicrophone:
        """Open it, at the gain of the settings."""
        wanted, card = self.settings.microphone, self._card("capture")
        mixer.apply(cards.control_name(card), capture_gain_percent=wanted.capture_gain_percent, agc=wanted.agc)
        with self._holder_named(card, "capture"):
            return AlsaMicrophone(cards.pcm_name(card, "capture"))

    def speaker(self) -> AlsaSpeaker:
        """Open it; its level is set first, so that nothing is louder than the settings let it be."""
        card = self._card("playback")
        mixer.apply(cards.control_name(card), level_percent=self.settings.speaker.level_percent)
        with self._holder_named(card, "playback"):
            return AlsaSpeaker(cards.pcm_name(card, "playback"))

    def is_plugged(self, direction: cards.Direction) -> bool:
        """Whether the kernel knows the card of the settings now."""
        try:
            self._card(direction)
        except DeviceMissing:
            return False
        return True

    @contextmanager
    def button(self) -> Iterator[Button]:
        """Open the button alone."""
        dark = self.settings.model_copy(update={"ring": Ring(kind="none", allow_no_ring=True)})
        with raspberry_pi.devices(dark, monotonic, self.pins) as devices:
            yield devices.button

    @contextmanager
    def ring(self) -> Iterator[LedRing]:
        """Open the ring, and the button beside it; the cards stay closed until they are used, and are not."""
        with raspberry_pi.devices(self.settings, monotonic, self.pins) as devices:
            yield devices.ring

    def pins(self) -> Any:
        """Open gpiozero's pins."""
        if not is_pi(self.root):
            raise lacking("this is no Raspberry Pi: it has no pins")
        return lgpio_factory()

    def _card(self, direction: cards.Direction) -> cards.Card:
        role = cards.ROLE[direction]
        chosen = cards.choose(cards.listed(self.root), getattr(self.settings, role).card, direction)
        self.found[role] = f"{chosen.card.name} ({chosen.why})"
        return chosen.card

    @contextmanager
    def _holder_named(self, card: cards.Card, direction: cards.Direction) -> Iterator[None]:
        try:
            yield
        except DeviceBusy as busy:
            raise DeviceBusy(f"{busy}, held by {cards.holder(card, direction, self.root) or 'nobody known'}") from busy
