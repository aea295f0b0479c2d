"""Button and ring: opened as the agent would, unless it has them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agent.check.service import UNIT, Running, nodes
from agent.check.verdicts import Check, failed, not_checked, ok
from agent.devices.gpio import FOLDER, lgpio_factory
from agent.devices.raspberry_pi import Factory, devices
from agent.errors import BadInput, DeviceError
from agent.settings import Settings
from agent.units import Seconds

NAME: Final = "button and ring"
NAMES: Final = (NAME,)


def checks(
    settings: Settings,
    service: Running | None,
    clock: Callable[[], Seconds],
    root: Path = Path("/"),
    pins: Factory = lgpio_factory,
) -> Iterator[Check]:
    """
    Look at both.

    Args:
        settings: Which pins, which ring.
        service: If the agent runs, what it has open is looked up instead.
        clock: Monotonic.
        root: Where `proc` is.
        pins: Opens gpiozero's pins.

    """
    yield _opened(settings, clock, pins) if service is None else _held(service, root)


def _held(service: Running, root: Path) -> Check:
    open_nodes = nodes(service, root)
    if open_nodes is None:
        return not_checked(NAME, "the agent has them, as far as it says", "run as root: sudo reading-corner check")
    if any(node.startswith("/dev/gpiochip") for node in open_nodes):
        return ok(NAME, "in use by the agent, which does not run without them")
    return failed(NAME, "the agent runs and has no pins open", f"look why: journalctl -u {UNIT} -n 20")


def _opened(settings: Settings, clock: Callable[[], Seconds], pins: Factory) -> Check:
    try:
        with _own_folder(FOLDER), devices(settings, clock, pins) as opened:
            is_down = opened.button.is_down()
    except (DeviceError, BadInput) as trouble:
        return failed(NAME, str(trouble), "do as it says; each file in hw_tests tells how to wire it")
    pin = f"GPIO{settings.button.gpio_pin}"
    if is_down:
        loose = "let it go; if nobody holds it, look at the wires and at button.active_low"
        return failed(NAME, f"the button on {pin} is down", loose)
    return ok(NAME, f"button up on {pin}; ring {settings.ring.kind} opened (what it shows: --full)")


@contextmanager
def _own_folder(variable: str) -> Iterator[None]:
    """Let lgpio make its FIFO out of the way, and not in whatever folder IT happens to be."""
    if variable in os.environ:
        yield
        return
    with TemporaryDirectory() as folder:
        os.environ[variable] = folder
        try:
            yield
        finally:
            del os.environ[variable]
