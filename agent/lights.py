"""The ring's shell: shows a scene at once, keeps it moving, and knows whether anybody can see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from agent.devices.ports import Colour, LedRing
from agent.errors import DeviceError
from agent.panel.scenes import picture
from agent.session.effects import LISTENING_SCENES, Scene
from agent.units import Seconds

FRAME_S: Final = 0.04
"""25 pictures a second: smooth for slow fades."""

READY_FRAME_S: Final = 0.08
"""READY is what a corner shows all day long: it breathes by at most 24 of 255 steps a second, two for each of these
pictures, and half of them save a sixth of a percent of a core (measured on x86; a Pi saves more)."""


class Lights:
    """
    Scenes on a ring. Event loop only.

    Args:
        ring: Where they are shown.
        clock: Monotonic.
        level: Loudness 0 to 1 of whoever speaks, for scenes that move with the voice.
        seen: Told when the ring can not be driven, and with None when it can again.

    """

    def __init__(
        self,
        ring: LedRing,
        clock: Callable[[], Seconds],
        level: Callable[[Scene], float],
        seen: Callable[[DeviceError | None], None],
    ) -> None:
        self._ring, self._clock, self._level, self._seen = ring, clock, level, seen
        self._since = clock()
        self._shown: Sequence[Colour] = ()
        self.scene = Scene.DARK
        self.trouble: DeviceError | None = None
        """Why the ring does not show what it should; None when it does."""

    def show(self, scene: Scene) -> None:
        """Show this scene from now on; its first picture is on the ring when this returns."""
        self.scene, self._since = scene, self._clock()
        self._draw()

    async def run(self) -> None:
        """Keep the scene moving, until cancelled."""
        while True:
            await asyncio.sleep(READY_FRAME_S if self.scene is Scene.READY else FRAME_S)
            self._draw()

    def _draw(self) -> None:
        since = Seconds(self._clock() - self._since)
        colours = picture(self.scene, since, self._level(self.scene), self._ring.leds)
        if colours == self._shown and self.trouble is None and self.scene not in LISTENING_SCENES:
            return  # but while it means an open microphone a ring that fails must be known, even if it stands still
        try:
            self._ring.show(colours)
        except DeviceError as trouble:
            self._become(trouble)
        else:
            self._shown = colours
            self._become(None)

    def _become(self, trouble: DeviceError | None) -> None:
        changed = (trouble is None) != (self.trouble is None)
        self.trouble = trouble
        if changed:
            self._seen(trouble)
