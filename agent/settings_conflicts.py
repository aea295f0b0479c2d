"""Settings that are fine alone and not together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.settings import Button, Ring, Settings


@dataclass(frozen=True, slots=True)
class Conflict:
    """
    What to tell a person of it.

    Args:
        keys: One of them has to change; the first one's value is told.
        found: That value.
        expected: What it should be.

    """

    keys: tuple[str, ...]
    found: object
    expected: str


def conflicts(settings: Settings) -> Iterator[Conflict]:
    """What does not go together."""
    yield from _of_ring(settings.ring)
    yield from _of_button(settings.button, settings.ring)


def _of_ring(ring: Ring) -> Iterator[Conflict]:
    if ring.kind == "none" and not ring.allow_no_ring:
        light = "a ring, or ring.allow_no_ring = true: the microphone would be open without a light"
        yield Conflict(("ring.kind",), ring.kind, light)
    if ring.kind == "pwm_leds" and len(ring.gpio_pins) not in (ring.leds, 3 * ring.leds):
        pins = f"{ring.leds} or {3 * ring.leds} pins for ring.kind 'pwm_leds', as ring.leds is {ring.leds}"
        yield Conflict(("ring.gpio_pins", "ring.leds", "ring.kind"), list(ring.gpio_pins), pins)
    if len(set(ring.gpio_pins)) < len(ring.gpio_pins):
        yield Conflict(("ring.gpio_pins",), list(ring.gpio_pins), "each pin once")


def _of_button(button: Button, ring: Ring) -> Iterator[Conflict]:
    if button.led_gpio_pin == button.gpio_pin:
        yield Conflict(("button.led_gpio_pin", "button.gpio_pin"), button.gpio_pin, "another pin than button.gpio_pin")
    taker, taken = _pins_of_ring(ring)
    for key, pin in (("button.gpio_pin", button.gpio_pin), ("button.led_gpio_pin", button.led_gpio_pin)):
        if pin in taken:
            expected = f"a pin that the ring leaves free ({taker} takes {', '.join(map(str, taken))})"
            yield Conflict((key, taker, "ring.kind"), pin, expected)


def _pins_of_ring(ring: Ring) -> tuple[str, tuple[int, ...]]:
    """The key that says which pins the ring takes, and these."""
    match ring.kind:
        case "pwm_leds":
            return "ring.gpio_pins", ring.gpio_pins
        case "ws2812_spi" | "apa102_spi":
            return "ring.spi", _pins_of_spi(ring.spi)
        case _:
            return "ring.kind", ()


def _pins_of_spi(spi: str) -> tuple[int, ...]:
    """What a bus takes on the 40-pin header (the firmware's `spi=on` and overlays `spi1-1cs` to `spi1-3cs`)."""
    bus, device = (int(part) for part in spi.split("."))
    if bus == 0:
        return tuple(range(7, 12))
    return tuple(range(18 - device, 22)) if bus == 1 else ()
