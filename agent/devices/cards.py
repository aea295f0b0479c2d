"""
Which sound cards there are, and which of them is meant.

A card's index, and the ALSA id that equal cards share, depend on which was found first at this start
(raspberrypi/linux#5592, markferry/multizone-audio#44). What stays is the USB vendor and product, and the port.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.errors import BadInput, DeviceMissing

Direction = Literal["capture", "playback"]

ROLE = {"capture": "microphone", "playback": "speaker"}
"""What a direction is for; also the section of the settings that names its card."""

LINE = re.compile(r" *(\d+) \[(\S+) *\]: .*? - (.*)")
"""Index, id and short name in `/proc/asound/cards`; the indented line that follows each says nothing new."""

USB = re.compile(r"usb:([0-9a-f]{4}:[0-9a-f]{4})", re.IGNORECASE)
PORT = re.compile(r"port:(\d+-\d+(?:\.\d+)*)")

ID_STEM_CHARS = 13
"""An id has 15 characters; the kernel makes room for a suffix `_1` when it is taken (`snd_card_set_id`)."""


@dataclass(frozen=True, slots=True)
class UsbIdentity:
    """What stays of a USB card: `vendor_product` as 0d8c:0014, `port` as 1-1.3 (bus, port, port of the hub)."""

    vendor_product: str
    port: str
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A sound card as found just now; `index` is good for this moment only."""

    index: int
    id: str
    name: str
    usb: UsbIdentity | None
    has_capture: bool
    has_playback: bool
    capture_device: int = 0
    playback_device: int = 0

    def has(self, direction: Direction) -> bool:
        """Whether it can be a microphone (capture) or a speaker (playback)."""
        return self.has_capture if direction == "capture" else self.has_playback

    def device(self, direction: Direction) -> int:
        """Return the number of its first PCM in this direction."""
        return self.capture_device if direction == "capture" else self.playback_device


@dataclass(frozen=True, slots=True)
class Chosen:
    """The card that a wish came to, and why, for the journal."""

    card: Card
    why: str


def listed(root: Path = Path("/")) -> tuple[Card, ...]:
    """Look what is plugged in now; HDMI comes last. `root` is where `proc` and `sys` are."""
    found = (LINE.fullmatch(line) for line in (_text(root / "proc/asound/cards") or "").splitlines())
    cards = [_card(root, int(match[1]), match[2], match[3].strip()) for match in found if match]
    return tuple(sorted(cards, key=lambda card: (_is_hdmi(card), card.usb is None, card.index)))


def choose(cards: Sequence[Card], wish: str, direction: Direction) -> Chosen:
    """
    Find the card that the settings mean: "auto", an ALSA id, "usb:VVVV:PPPP", "port:1-1.3" or a part of its name.

    Raises:
        DeviceMissing: If it is not plugged in: it may come.
        BadInput: If it could be several, or none ever.

    """
    if wish == "auto":
        return _only_usb(cards, direction)
    matched = _matching(cards, wish, direction)
    able = [card for card in matched if card.has(direction)]
    if len(able) > 1:
        raise BadInput(_key(direction), f"{wish!r}, which is {len(able)} cards", f"one of {_named(able, cards)}")
    if not able:
        what = f"{matched[0].name} is no {ROLE[direction]}" if matched else f"{wish!r} is not plugged in"
        raise DeviceMissing(f"{_key(direction)}: {what}; {_advice(cards, direction)}")
    why = f"the settings say {wish!r}"
    if _is_shaky(able[0], wish, cards):
        why += f", which may be another card after a restart: {stable_names(able[0], cards)[0]} is safer"
    return Chosen(able[0], why)


def stable_names(card: Card, cards: Sequence[Card]) -> tuple[str, ...]:
    """Name it in ways that mean no other of `cards`, now and after a restart; the first is the one to write down."""
    if card.usb is None:
        return (card.id,)
    alike = sum(other.usb is not None and other.usb.vendor_product == card.usb.vendor_product for other in cards) > 1
    usb, port = f"usb:{card.usb.vendor_product}", f"port:{card.usb.port}"
    # An id of digits only would be read as an index by ALSA.
    unsure = card.id.isdigit() or _is_shaky(card, card.id, cards)
    return (*(() if alike else (usb,)), port, *(() if unsure else (card.id,)))


def pcm_name(card: Card, direction: Direction) -> str:
    """Name its PCM for ALSA, without the conversions of `default` and `plughw:`."""
    return f"hw:CARD={card.id},DEV={card.device(direction)}"


def control_name(card: Card) -> str:
    """Name its mixer for ALSA."""
    return f"hw:CARD={card.id}"


def holder(card: Card, direction: Direction, root: Path = Path("/")) -> str | None:
    """Say which process has the card open in this direction, such as "pulseaudio (pid 812)"; None if nobody has."""
    pcm = root / f"proc/asound/card{card.index}/pcm{card.device(direction)}{direction[0]}"
    for status in sorted(pcm.glob("sub*/status")):
        if thread := _number("owner_pid", status):
            # The kernel notes the thread that opened it (`snd_pcm_attach_substream`), people look for the process.
            pid = _number("Tgid", root / f"proc/{thread}/status") or thread
            # Under `ProtectProc=invisible` the processes of others have no name.
            command = _text(root / f"proc/{pid}/comm")
            return f"{command} (pid {pid})" if command else f"process {pid}"
    return None


def _only_usb(cards: Sequence[Card], direction: Direction) -> Chosen:
    # Nothing else is taken instead: with the USB speaker pulled out, HDMI would swallow the reply without a word.
    able = [card for card in cards if card.usb and card.has(direction)]
    if len(able) > 1:
        raise BadInput(
            _key(direction), f"'auto' and {len(able)} USB cards to choose from", f"one of {_named(able, cards)}"
        )
    if not able:
        raise DeviceMissing(f"{_key(direction)}: 'auto' finds no USB {ROLE[direction]}; {_advice(cards, direction)}")
    return Chosen(able[0], f"the only USB {ROLE[direction]}")


def _matching(cards: Sequence[Card], wish: str, direction: Direction) -> list[Card]:
    if usb := USB.fullmatch(wish):
        return [card for card in cards if card.usb and card.usb.vendor_product == usb[1].lower()]
    if port := PORT.fullmatch(wish):
        return [card for card in cards if card.usb and card.usb.port == port[1]]
    if not wish.strip() or ":" in wish or wish.isdigit() or wish == "default":
        expected = f"auto, usb:VVVV:PPPP, port:1-1.3, an ALSA id or a part of a name; {_advice(cards, direction)}"
        raise BadInput(_key(direction), repr(wish), expected)
    exact = [card for card in cards if card.id == wish]
    return exact or [card for card in cards if wish.casefold() in card.name.casefold()]


def _named(able: Sequence[Card], cards: Sequence[Card]) -> str:
    return ", ".join(f"{stable_names(card, cards)[0]} ({card.name})" for card in able)


def _advice(cards: Sequence[Card], direction: Direction) -> str:
    able = [card for card in cards if card.has(direction)]
    return f"plugged in: {_named(able, cards)}" if able else f"no {ROLE[direction]} is plugged in"


def _key(direction: Direction) -> str:
    return f"{ROLE[direction]}.card"


def _is_shaky(card: Card, wish: str, cards: Sequence[Card]) -> bool:
    """Whether the wish is an id that goes to whichever of several USB cards is found first."""
    stems = [_stem(other.id) for other in cards if other.usb]
    return card.usb is not None and wish == card.id and stems.count(_stem(card.id)) > 1


def _stem(name: str) -> str:
    return re.sub(r"_[0-9A-F]$", "", name)[:ID_STEM_CHARS]


def _is_hdmi(card: Card) -> bool:
    return "hdmi" in f"{card.id} {card.name}".lower()


def _card(root: Path, index: int, name: str, title: str) -> Card:
    folder = root / f"proc/asound/card{index}"
    capture, playback = _pcms(folder, "c"), _pcms(folder, "p")
    usb = _usb(root / f"sys/class/sound/card{index}/device")
    return Card(
        index, name, title, usb, bool(capture), bool(playback), min(capture, default=0), min(playback, default=0)
    )


def _pcms(folder: Path, letter: str) -> list[int]:
    found = (re.fullmatch(rf"pcm(\d+){letter}", path.name) for path in folder.glob("pcm*"))
    return [int(match[1]) for match in found if match]


def _usb(device: Path) -> UsbIdentity | None:
    interface = device.resolve()
    for folder in (interface, *interface.parents):
        vendor, product = _text(folder / "idVendor"), _text(folder / "idProduct")
        if vendor and product:
            return UsbIdentity(f"{vendor}:{product}", folder.name, _text(folder / "serial"))
    return None


def _number(field: str, path: Path) -> str | None:
    found = re.search(rf"^{field}\s*:\s*(\d+)", _text(path) or "", re.MULTILINE)
    return found[1] if found else None


def _text(path: Path) -> str | None:
    """Read a line or more; None if it went away, as what is pulled out does between two reads."""
    try:
        return path.read_text(errors="replace").strip() or None
    except OSError:
        return None
