"""The ring's shell: shows a scene at once, keeps it moving, and knows whether anybody can see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from agent.devices.ports import Colour, LedRing
from agent.errors import DeviceError
from agent.panel.scenes import picture
from agent.session.effects import Scene
from agent.units import Seconds

FRAME_S: Final = 0.04
"""25 pictures a second: smooth for slow fades, and an idle Pi stays below one percent of a core."""


class Lights:
    """
    Scenes on a ring. Event loop only.

    Args:
        ring: Where they are shown.
        clock: Monotonic.
        level: Loudness 0 to 1 of whoever speaks, for scenes that move with the voice.

    """

    def __init__(self, ring: LedRing, clock: Callable[[], Seconds], level: Callable[[Scene], float]) -> None:
        self._ring, self._clock, self._level = ring, clock, level
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
            await asyncio.sleep(FRAME_S)
            self._draw()

    def _draw(self) -> None:
        since = Seconds(self._clock() - self._since)
        colours = picture(self.scene, since, self._level(self.scene), self._ring.leds)
        if colours == self._shown and self.trouble is None:
            return
        try:
            self._ring.show(colours)
        except DeviceError as trouble:
            self.trouble = trouble
        else:
            self._shown, self.trouble = colours, None
