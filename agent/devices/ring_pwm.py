"""LEDs on pins of their own, one-colour or RGB, through gpiozero."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Final

from gpiozero import PWMLED

from agent.devices.colours import FULL_PERCENT, dimmed
from agent.devices.ports import Colour
from agent.errors import BadInput, DeviceError

STEPS: Final = 100
"""gpiozero's lgpio pins cut a duty to whole percents: what is lit must have at least one, or it would be dark."""

FULL: Final = 255


class PwmRing:
    """
    An `LedRing` of LEDs that are each wired from one pin to ground, or from three (a common cathode).

    Args:
        pins: BCM numbers, LED by LED: one for each, or its red, green and blue.
        leds: How many LEDs these are.
        factory: Where pins come from, because gpiozero's own choice may be wrong on a Pi 5; not closed with the ring.
        brightness_percent: Of what the scenes give, 1 to 100.

    Raises:
        BadInput: If the number of pins does not fit the number of LEDs.
        DeviceError: If a pin can not be had.

    """

    def __init__(self, pins: Sequence[int], leds: int, factory: object, brightness_percent: int = FULL_PERCENT) -> None:
        if len(pins) not in (leds, 3 * leds):
            raise BadInput("ring.gpio_pins", f"{len(pins)} pins", f"{leds} or {3 * leds}, as ring.leds is {leds}")
        self.leds = leds
        self._duties = _of_colours if len(pins) == 3 * leds else _of_whiteness
        self._percent = brightness_percent
        with contextlib.ExitStack() as opened:
            self._lights = [opened.enter_context(_light(pin, factory)) for pin in pins]
            self._opened = opened.pop_all()

    def show(self, colours: Sequence[Colour]) -> None:
        """Show `leds` colours at once; LEDs that have one colour show how bright they are."""
        duties = self._duties(dimmed(colours, self.leds, self._percent))
        with _in_words("the ring"):
            for light, duty in zip(self._lights, duties, strict=True):
                light.value = duty

    def close(self) -> None:
        """Go dark and let go of the pins; closing twice is fine."""
        with contextlib.suppress(DeviceError), _in_words("the ring"):
            self._opened.close()


def _light(pin: int, factory: object) -> PWMLED:
    with _in_words(f"the ring's pin GPIO{pin}"):
        return PWMLED(pin, pin_factory=factory)


def _of_colours(colours: Sequence[Colour]) -> list[float]:
    return [_duty(part, FULL) for colour in colours for part in colour]


def _of_whiteness(colours: Sequence[Colour]) -> list[float]:
    # The plain mean, which is what the scenes call bright. By the eye's weights the blue of listening would be dimmer
    # than the green of ready, and it is the light that matters most.
    return [_duty(sum(colour), 3 * FULL) for colour in colours]


def _duty(part: int, whole: int) -> float:
    return -(-STEPS * part // whole) / STEPS


@contextlib.contextmanager
def _in_words(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as trouble:  # lgpio's own error is a plain Exception that has no name before lgpio is imported
        raise DeviceError(f"{name} can not be used: {trouble}") from trouble
