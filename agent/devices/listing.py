"""`reading-corner devices`: what is plugged in, by the names to put into the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from agent.devices.cards import ROLE, Card, Direction, choose, control_name, listed, stable_names
from agent.devices.levels import DIRECTIONS, NOUN, ControlState
from agent.devices.mixer import Mixer, alsa_mixer, states
from agent.errors import BadInput, DeviceMissing


@dataclass(frozen=True, slots=True)
class ListedCard:
    """A sound card, the names that mean it and no other (the first is the one to write down), and its mixer."""

    card: Card
    settings: tuple[str, ...]
    mixer: tuple[ControlState, ...]


@dataclass(frozen=True, slots=True)
class Auto:
    """What `card = "auto"` comes to: a name for the settings, or None; and why."""

    takes: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything IT needs to fill in the settings; `spi` as `ring.spi` wants it, such as 0.0."""

    model: str | None
    cards: tuple[ListedCard, ...]
    microphone: Auto
    speaker: Auto
    gpio_chips: tuple[str, ...]
    spi: tuple[str, ...]


def devices(root: Path = Path("/"), mixer: Mixer = alsa_mixer) -> Listing:
    """Look at what is plugged in now; `root` is where `proc`, `sys` and `dev` are."""
    cards = listed(root)
    return Listing(
        model=_model(root / "proc/device-tree/model"),
        cards=tuple(ListedCard(card, stable_names(card, cards), states(control_name(card), mixer)) for card in cards),
        microphone=_auto(cards, "capture"),
        speaker=_auto(cards, "playback"),
        gpio_chips=_nodes(root, "gpiochip"),
        spi=tuple(name.removeprefix("/dev/spidev") for name in _nodes(root, "spidev")),
    )


def run(as_json: bool, console: Console, root: Path = Path("/"), mixer: Mixer = alsa_mixer) -> int:
    """Print the listing; the exit status of the command."""
    found = devices(root, mixer)
    if as_json:
        console.print_json(data=as_dict(found))
    else:
        console.print(table(found))
    return 0


def as_dict(found: Listing) -> dict[str, Any]:
    """Return the listing for JSON."""
    return {
        "model": found.model,
        "microphone": {"auto": found.microphone.takes, "why": found.microphone.why},
        "speaker": {"auto": found.speaker.takes, "why": found.speaker.why},
        "cards": [_card_dict(listed_card) for listed_card in found.cards],
        "gpio_chips": list(found.gpio_chips),
        "spi": list(found.spi),
    }


def table(found: Listing) -> Group:
    """Draw the listing: the cards as a table, the rest a line each."""
    drawn = Table(title="Sound cards", title_justify="left")
    for heading in ("name for the settings", "card", "can be", "mixer"):
        drawn.add_column(heading, overflow="fold")
    for one in found.cards:
        roles = "\n".join(ROLE[direction] for direction in DIRECTIONS if one.card.has(direction))
        mixer = "\n".join(_control_line(control) for control in one.mixer)
        drawn.add_row(
            *map(Text, ("\n".join(one.settings), f"{one.card.name}\n[{one.card.id}]", roles, mixer or "none"))
        )
    lines = {
        "board": found.model or "not a Raspberry Pi, as far as it says",
        "microphone, auto": _auto_line(found.microphone),
        "speaker, auto": _auto_line(found.speaker),
        "GPIO chips": ", ".join(found.gpio_chips) or "none: no button here",
        "ring.spi": ", ".join(found.spi) or "none: no LED ring on SPI until it is enabled (raspi-config)",
    }
    facts = Table.grid(padding=(0, 2))
    for what, line in lines.items():
        facts.add_row(Text(what), Text(line))
    return Group(*([drawn] if found.cards else [Text("no sound card")]), facts)


def _auto(cards: Sequence[Card], direction: Direction) -> Auto:
    try:
        chosen = choose(cards, "auto", direction)
    except (BadInput, DeviceMissing) as trouble:
        return Auto(None, str(trouble))
    return Auto(stable_names(chosen.card, cards)[0], chosen.why)


def _auto_line(auto: Auto) -> str:
    return f"{auto.takes}, {auto.why}" if auto.takes else auto.why


def _card_dict(one: ListedCard) -> dict[str, Any]:
    card, usb = one.card, one.card.usb
    return {
        "settings": list(one.settings),
        "id": card.id,
        "name": card.name,
        "usb": {"vendor_product": usb.vendor_product, "port": usb.port, "serial": usb.serial} if usb else None,
        "microphone": card.has_capture,
        "speaker": card.has_playback,
        "mixer": [
            {
                "name": control.name,
                "gain_percent": control.capture_percent,
                "level_percent": control.playback_percent,
                "switches": list(control.switches),
            }
            for control in one.mixer
        ],
    }


def _control_line(control: ControlState) -> str:
    percents = {"capture": control.capture_percent, "playback": control.playback_percent}
    parts = [f"{NOUN[direction]} {percent} %" for direction, percent in percents.items() if percent is not None]
    return f"{control.name}: {', '.join(parts) or 'switch'}"


def _nodes(root: Path, prefix: str) -> tuple[str, ...]:
    # Raspberry Pi OS keeps a link from the chip's old number: the same chip once more.
    found = (node.name for node in (root / "dev").glob(f"{prefix}[0-9]*") if not node.is_symlink())
    return tuple(f"/dev/{name}" for name in sorted(found))


def _model(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").rstrip("\0\n") or None
    except OSError:
        return None
