"""
Goes to /usr/local/lib/agent_on_a_target.py of a target: `reading-corner run` where there are no pins and no cards.

It is the service's agent in all else. Its ring has to be pwm_leds. Cards are those that CARDS lists as /proc and /sys
would; the button is down while DOWN is there.
"""

import os
import select
import sys
import threading
from functools import partial
from pathlib import Path

from gpiozero.pins.mock import MockFactory, MockPWMPin

from agent.devices import cards
from agent.devices.raspberry_pi import devices
from agent.run_command import run
from agent.settings import Button

CARDS = Path("/srv/cards")
DOWN = Path("/run/button-down")
LOOK_S = 0.02


class Pins(MockFactory):
    """Pins of which one has a finger on it."""

    def __init__(self):
        super().__init__(pin_class=MockPWMPin)
        threading.Thread(target=self._press, daemon=True).start()

    def _press(self):
        button = self.pin(Button().gpio_pin)
        while True:
            (button.drive_low if DOWN.exists() else button.drive_high)()
            select.select([], [], [], LOOK_S)


if __name__ == "__main__":
    cards.listed = partial(cards.listed, CARDS)
    sys.exit(run(Path("/etc/reading-corner/agent.toml"), os.environ, partial(devices, pins=Pins)))
