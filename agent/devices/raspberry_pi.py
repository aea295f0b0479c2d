"""The devices of a corner, as its settings say: cards that may be pulled out, a button on a pin, a ring."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from agent.devices import cards, mixer
from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.gpio import GpioButton, lgpio_factory
from agent.devices.levels import Applied
from agent.devices.ports import Devices, LedRing, Plug, Plugs
from agent.devices.replug import ReplugMicrophone, ReplugSpeaker
from agent.devices.ring_pwm import PwmRing
from agent.devices.ring_spi import SpiBus, apa102_ring, ws2812_ring
from agent.devices.wake import until_woken
from agent.errors import BadInput, DeviceBusy, DeviceMissing
from agent.settings import Microphone, Ring, Settings, Speaker
from agent.units import Seconds

Factory = Callable[[], object]
"""Opens gpiozero's pins: `lgpio_factory` on a Pi."""


@contextmanager
def devices(settings: Settings, clock: Callable[[], Seconds], pins: Factory = lgpio_factory) -> Iterator[Devices]:
    """
    Open them; a card that is away is waited for, a button or a ring that can not be opened is not.

    Raises:
        DeviceError: If there is no button, or no ring.

    """
    plugs = Plugs()
    with ExitStack() as leaving:
        factory = pins()
        leaving.callback(factory.close)  # type: ignore[attr-defined]  # gpiozero has no types
        ring = _ring(settings.ring, factory)
        button = GpioButton(
            settings.button.gpio_pin, settings.button.active_low, factory, clock, settings.button.led_gpio_pin
        )
        everything = Devices(
            ReplugMicrophone(
                partial(_microphone, settings.microphone, plugs),
                clock,
                time.sleep,
                partial(plugs.tell, Plug.MICROPHONE),
            ),
            ReplugSpeaker(
                partial(_speaker, settings.speaker, settings.audio.ceiling_dbfs, plugs),
                clock,
                until_woken,
                partial(plugs.tell, Plug.SPEAKER),
            ),
            button,
            ring,
            plugs,
        )
        leaving.callback(everything.close)
        yield everything


def _microphone(wanted: Microphone, plugs: Plugs) -> AlsaMicrophone:
    chosen = _chosen(wanted.card, "capture")
    applied = mixer.apply(
        cards.control_name(chosen.card), capture_gain_percent=wanted.capture_gain_percent, agc=wanted.agc
    )
    with _holder_named(chosen.card, "capture"):
        opened = AlsaMicrophone(cards.pcm_name(chosen.card, "capture"))
    plugs.tell(Plug.MICROPHONE, _described(chosen, str(opened.granted), applied))
    return opened


def _speaker(wanted: Speaker, ceiling_dbfs: float, plugs: Plugs) -> AlsaSpeaker:
    chosen = _chosen(wanted.card, "playback")
    # Before the card is opened: nothing may sound louder, not for a period.
    applied = mixer.apply(cards.control_name(chosen.card), level_percent=wanted.level_percent)
    with _holder_named(chosen.card, "playback"):
        opened = AlsaSpeaker(cards.pcm_name(chosen.card, "playback"), ceiling_dbfs)
    plugs.tell(Plug.SPEAKER, _described(chosen, str(opened.granted), applied))
    return opened


def _chosen(wish: str, direction: cards.Direction) -> cards.Chosen:
    try:
        return cards.choose(cards.listed(), wish, direction)
    except BadInput as bad:  # with the cards of this moment; one may come or go
        raise DeviceMissing(str(bad)) from None


@contextmanager
def _holder_named(card: cards.Card, direction: cards.Direction) -> Iterator[None]:
    try:
        yield
    except DeviceBusy as busy:
        holder = cards.holder(card, direction) or "nobody that can be named"
        raise DeviceBusy(f"{busy}, held by {holder}") from busy


def _described(chosen: cards.Chosen, granted: str, applied: Applied) -> str:
    mixers = ", ".join((*applied.done, *(f"not {failed}" for failed in applied.failed))) or "no mixer"
    return f"{chosen.card.name} ({chosen.why}): {granted}; {mixers}"


def _ring(wanted: Ring, factory: object) -> LedRing:
    match wanted.kind:
        case "ws2812_spi":
            return ws2812_ring(SpiBus.opened(wanted.spi), wanted.leds, wanted.brightness_percent)
        case "apa102_spi":
            return apa102_ring(SpiBus.opened(wanted.spi), wanted.leds, wanted.brightness_percent)
        case "pwm_leds":
            return PwmRing(wanted.gpio_pins, wanted.leds, factory, wanted.brightness_percent)
        case "terminal" | "none":
            return _plain(wanted)


def _plain(wanted: Ring) -> LedRing:
    # Only now: rich takes a fifteenth of the agent's start, and corners have rings.
    from rich.console import Console

    from agent.devices.ring_plain import NoRing, TerminalRing

    return TerminalRing(wanted.leds, Console()) if wanted.kind == "terminal" else NoRing()
