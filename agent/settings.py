"""The settings: one frozen tree, read once from arguments, environment and file, and checked once."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from agent import toml
from agent.errors import BadInput

DEFAULT_FILE = Path("/etc/reading-corner/agent.toml")
"""Read when no file is named, if it is there: where provisioning puts it."""

PREFIX = "READING_CORNER_"
BETWEEN = "__"
"""`relay.url` is READING_CORNER_RELAY__URL in the environment."""

RELAYS_OWN = "relay_"
"""READING_CORNER_RELAY_PORT and the like, with one underscore, are for `reading-corner-relay`."""

FOUND_CHARS = 60
"""As much of a wrong value as fits on a line with the rest of the message."""

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


class Ring(_Section):
    """The lights."""

    leds: int = Field(default=16, ge=1, le=256, description="a whole number from 1 to 256")


class Settings(BaseSettings):
    """Everything that can be set. `load` makes it; a key's description is what its errors say is expected."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter=BETWEEN, validate_default=False
    )

    device_id: str = Field(default="reading-corner", min_length=1, description="text that is not empty")
    school_id: str = Field(default="", description="text")
    language: str = Field(default="es-PR", pattern=r"^(es|en)-[A-Za-z0-9]+$", description="es-REGION or en-REGION")
    grade: int = Field(default=2, ge=0, le=5, description="a whole number from 0 (kindergarten) to 5")
    relay: Relay = Field(default=Relay(), description="a table [relay]")
    turn: Turn = Field(default=Turn(), description="a table [turn]")
    audio: Audio = Field(default=Audio(), description="a table [audio]")
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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load` has put together and nothing else: it knows where each value came from."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


class BadSettings(BadInput):
    """Some settings are not usable: `problems` holds each, the text has one line for each."""

    def __init__(self, problems: tuple[BadInput, ...]) -> None:
        first = problems[0]
        super().__init__(first.where, first.found, first.expected)
        self.problems = problems
        self.args = ("\n".join(str(problem) for problem in problems),)


Tree = dict[str, Any]
KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    tree: Tree

    def has(self, path: KeyPath) -> bool:
        here: object = self.tree
        for part in path:
            if not isinstance(here, Mapping) or part not in here:
                return False
            here = here[part]
        return True


def load(file: Path | None, environ: Mapping[str, str], **overrides: object) -> Settings:
    """
    Put the settings together: `overrides` before `environ` before `file`.

    Args:
        file: In TOML; None for the default one, if it is there.
        environ: The process environment.
        overrides: Top-level keys; a section as a dictionary.

    Raises:
        BadInput: If anything in them is not usable; its text has one line for each problem.

    """
    if file is None and DEFAULT_FILE.exists():
        file = DEFAULT_FILE
    sources = [_Source("argument", overrides), *_from_environment(environ)]
    if file:
        sources.append(_Source(str(file), toml.read(file)))
    tree: Tree = {}
    for source in reversed(sources):
        tree = _over(tree, source.tree)
    try:
        return Settings(**tree)
    except ValidationError as error:
        raise BadSettings(tuple(_problem(details, sources) for details in error.errors())) from None


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Source]:
    """One source for each variable, so that an error can name it."""
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        reader = EnvSettingsSource(Settings)
        reader.env_vars = {variable.lower(): environ[variable]}
        try:
            tree = reader()
        except SettingsError:
            raise BadInput(variable, "text that is not JSON", "a table in JSON") from None
        if not tree:
            _refuse_misspelling(variable)
        yield _Source(variable, tree)


def _refuse_misspelling(variable: str) -> None:
    """Variables with our prefix that resemble no key are somebody else's: the device token, the tests' recordings."""
    key = variable.removeprefix(PREFIX).lower().replace(BETWEEN, ".")
    if not key.startswith(RELAYS_OWN) and toml.nearest(key, DESCRIPTIONS):
        raise toml.unknown(variable, key, DESCRIPTIONS)


def _over(below: Tree, above: Tree) -> Tree:
    tables = (
        key for key in below.keys() & above.keys() if isinstance(below[key], dict) and isinstance(above[key], dict)
    )
    return below | above | {key: _over(below[key], above[key]) for key in tables}


def _problem(details: ErrorDetails, sources: Sequence[_Source]) -> BadInput:
    path = tuple(str(part) for part in details["loc"])
    key = ".".join(path)
    source = next(source.name for source in sources if source.has(path))
    if details["type"] == "extra_forbidden":
        return toml.unknown(source, key, DESCRIPTIONS)
    expected = DESCRIPTIONS[key if key in DESCRIPTIONS else ".".join(path[:2])]
    return BadInput(f"{source}: {key}", _shown(key, details["input"]), expected)


def _shown(key: str, value: object) -> str:
    """Tell what was found, but for what may be a secret in the wrong place."""
    if key.startswith(("relay.auth", "relay.query", "relay.token_file")):
        return f"a value of type {type(value).__name__}"
    if key == "relay.url":
        value = re.sub(r"(?<=//).*@|[?#].*", "…", str(value))
    text = repr(value)
    return text if len(text) <= FOUND_CHARS else text[:FOUND_CHARS] + "…"


def _described(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        yield above + name, str(field.description)
        if isinstance(field.annotation, type) and issubclass(field.annotation, _Section):
            yield from _described(field.annotation, f"{above}{name}.")


DESCRIPTIONS: Mapping[str, str] = dict(_described(Settings))
"""What is expected of every section and key, by its dotted name."""
