"""The settings: one frozen tree. `agent.settings_sources.load` puts it together; `config show` prints it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agent import school_hours
from agent.errors import BadInput

PREFIX = "READING_CORNER_"
BETWEEN = "__"
"""`relay.url` is READING_CORNER_RELAY__URL in the environment."""

RELAY_URL = "wss://HOST[:PORT][/PATH] without user, query or fragment (ws:// only to this machine itself)"


def _encrypted(url: str) -> str:
    """Speech leaves the machine encrypted or not at all; secrets are not for addresses, which get logged."""
    parts = urlsplit(url)
    encrypted = parts.scheme == "wss" or (parts.scheme == "ws" and _is_this_machine(parts.hostname or ""))
    extras = "@" in parts.netloc or "?" in url or "#" in url
    if url and not (encrypted and parts.hostname and parts.port != 0 and not extras):
        raise ValueError
    return url


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Duration = Annotated[float, Field(gt=0, allow_inf_nan=False)]


CARD = "'auto', or an id, VENDOR:PRODUCT, USB port or name as `reading-corner devices` shows it"


def _stable(card: str) -> str:
    """What may be another card after the next boot is no choice of one."""
    if card.isdigit() or card in ("", "default") or card.startswith(("hw:", "plughw:")):
        raise ValueError
    return card


Card = Annotated[str, AfterValidator(_stable)]
Percent = Annotated[int, Field(ge=0, le=100)]
Pin = Annotated[int, Field(ge=0, le=27)]
"""A line of the 40-pin header, by its BCM number."""

PIN = "a BCM pin from 0 to 27"


METRICS = "the absolute path of a file that ends in .prom, in a folder that node_exporter reads"


def _prom(file: Path | None) -> Path | None:
    """node_exporter reads no others, and the service does not start where a person stands."""
    if file is not None and (file.suffix != ".prom" or not file.is_absolute()):
        raise ValueError
    return file


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Relay(_Section):
    """The far end, and how it is talked to."""

    url: Annotated[str, AfterValidator(_encrypted)] = Field(default="", description=RELAY_URL)
    query: dict[str, str] = Field(default={}, description="text for each name, in a table [relay.query]")
    auth: str = Field(
        default="header",
        pattern=r"^(header|subprotocol|query:[\w.-]+)$",
        description="'header', 'subprotocol' or 'query:NAME'",
    )
    token_file: Path | None = Field(default=None, description="the path of the file that holds the device token")
    ca_file: Path | None = Field(
        default=None, description="the path of a file (PEM) with authorities to trust beside the system's"
    )
    session_patience_s: Duration = Field(default=10, description="seconds above 0, from dial to configured session")


class Turn(_Section):
    """How long one turn may take."""

    max_utterance_s: Duration = Field(
        default=60, lt=120, description="seconds above 0 and below 120, when a button is stuck"
    )
    offline_speech_s: Duration = Field(default=20, description="seconds above 0, of speech kept in memory")
    offline_patience_s: Duration = Field(
        default=8, description="seconds above 0, for which kept speech waits for the link"
    )
    response_patience_s: Duration = Field(default=10, description="seconds above 0, from commit to first audio")


class Audio(_Section):
    """How loud the device may be."""

    ceiling_dbfs: float = Field(default=-6, ge=-60, le=0, allow_inf_nan=False, description="decibels from -60 to 0")


def _written(text: str) -> str:
    """Refuse hours that nobody can read, where their place is known."""
    school_hours.spans(text)
    return text


def _known(timezone: str) -> str:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, OSError):  # a folder of zones is no zone
        raise ValueError from None
    return timezone


class Hours(_Section):
    """When the corner is in use; at all other times its ring is dark and it says nothing."""

    open: tuple[Annotated[str, AfterValidator(_written)], ...] = Field(
        default=(), description=f"a list, empty for always, of {school_hours.EXPECTED}"
    )
    timezone: Annotated[str, AfterValidator(_known)] = Field(
        default="America/Puerto_Rico", description="a time zone of the IANA's, as 'America/Puerto_Rico'"
    )


class Microphone(_Section):
    """Where the student's voice comes from."""

    card: Card = Field(default="auto", description=CARD)
    capture_gain_percent: Percent | None = Field(
        default=None, description="a whole number from 0 to 100, set at every open; left alone if not set"
    )
    agc: bool | None = Field(
        default=None, description="true or false, for the card's automatic gain; left alone if not set"
    )


class Speaker(_Section):
    """Where the tutor's voice goes."""

    card: Card = Field(default="auto", description=CARD)
    level_percent: Percent = Field(
        default=70, description="a whole number from 0 to 100, of the mixer's range, set at every open"
    )


class Button(_Section):
    """What the student presses."""

    gpio_pin: Pin = Field(default=17, description=PIN)
    active_low: bool = Field(default=True, description="true for a contact to ground, false for one to 3.3 V")
    led_gpio_pin: Pin | None = Field(default=None, description=f"{PIN}, of a light in the button, if it has one")


RingKind = Literal["ws2812_spi", "apa102_spi", "pwm_leds", "terminal", "none"]


class Ring(_Section):
    """The lights."""

    kind: RingKind = Field(
        default="ws2812_spi", description="'ws2812_spi', 'apa102_spi', 'pwm_leds', 'terminal' or 'none'"
    )
    leds: int = Field(default=16, ge=1, le=256, description="a whole number from 1 to 256")
    spi: str = Field(default="0.0", pattern=r"^[0-9]\.[0-9]$", description="text 'BUS.DEVICE', as '0.0'")
    brightness_percent: int = Field(
        default=100, ge=1, le=100, description="a whole number from 1 to 100, of the safe maximum"
    )
    gpio_pins: tuple[Pin, ...] = Field(
        default=(),
        description="a list of BCM pins from 0 to 27: one for each white light, or three for red, green, blue",
    )
    allow_no_ring: bool = Field(default=False, description="true to let a microphone open with no light to show it")


class Settings(_Section):
    """Everything that can be set, made by `load`; a key's description is what errors and `config show` say of it."""

    device_id: str = Field(
        default="reading-corner", min_length=1, description="text that is not empty, the relay's name for this device"
    )
    school_id: str = Field(default="", description="text, the relay's name for the school")
    language: str = Field(default="es-PR", pattern=r"^(es|en)-[A-Za-z0-9]+$", description="es-REGION or en-REGION")
    grade: int = Field(default=2, ge=0, le=5, description="a whole number from 0 (kindergarten) to 5")
    metrics_file: Annotated[Path | None, AfterValidator(_prom)] = Field(default=None, description=METRICS)
    relay: Relay = Field(default=Relay(), description="a table [relay]")
    turn: Turn = Field(default=Turn(), description="a table [turn]")
    audio: Audio = Field(default=Audio(), description="a table [audio]")
    hours: Hours = Field(default=Hours(), description="a table [hours]")
    microphone: Microphone = Field(default=Microphone(), description="a table [microphone]")
    speaker: Speaker = Field(default=Speaker(), description="a table [speaker]")
    button: Button = Field(default=Button(), description="a table [button]")
    ring: Ring = Field(default=Ring(), description="a table [ring]")

    def relay_url(self) -> str:
        """
        Where to dial.

        Raises:
            BadInput: If no relay was set.

        """
        if not self.relay.url:
            raise BadInput("relay.url", "nothing", RELAY_URL)
        return self.relay.url

    def with_relay(self, url: str) -> Settings:
        """Return the same settings with another relay: the simulator's own, whose port is known late."""
        return self.model_copy(update={"relay": self.relay.model_copy(update={"url": url})})


def _described(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        yield above + name, str(field.description)
        if isinstance(field.annotation, type) and issubclass(field.annotation, _Section):
            yield from _described(field.annotation, f"{above}{name}.")


DESCRIPTIONS: Mapping[str, str] = dict(_described(Settings))
"""What is expected of every section and key, by its dotted name."""
