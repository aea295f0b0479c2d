"""
Where settings come from: arguments before environment before file, each problem told with its place.

The device token is no setting: `agent.link.token` finds it afresh at each dial.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agent import toml
from agent.errors import BadInput
from agent.settings import BETWEEN, DESCRIPTIONS, PREFIX, Settings
from agent.settings_conflicts import Conflict, conflicts

DEFAULT_FILE = Path("/etc/reading-corner/agent.toml")
"""Read when no file is named, if it is there: where provisioning puts it."""

RELAYS_OWN = "relay_"
"""READING_CORNER_RELAY_PORT and the like, with one underscore, are for `reading-corner-relay`."""

FOUND_CHARS = 60
"""As much of a wrong value as fits on a line with the rest of the message."""


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
            if isinstance(here, list):
                return True  # a list comes from one source as a whole
            if not isinstance(here, Mapping) or part not in here:
                return False
            here = here[part]
        return True


@dataclass(frozen=True, slots=True)
class Gathered:
    """What each source says, the one that wins first."""

    sources: tuple[_Source, ...]

    def settings(self) -> Settings:
        """
        Put them together.

        Raises:
            BadInput: If anything in them is not usable; its text has one line for each problem.

        """
        tree: Tree = {}
        for source in reversed(self.sources):
            tree = _over(tree, source.tree)
        try:
            settings = Settings(**tree)
        except ValidationError as error:
            raise BadSettings(tuple(self._problem(details) for details in error.errors())) from None
        if clashes := tuple(self._clash(conflict) for conflict in conflicts(settings)):
            raise BadSettings(clashes)
        return settings

    def origin(self, *path: str) -> str | None:
        """The file, variable or argument that sets this key; None if none does."""
        return next((source.name for source in self.sources if source.has(path)), None)

    def _problem(self, details: ErrorDetails) -> BadInput:
        path = tuple(str(part) for part in details["loc"])
        key, source = ".".join(path), str(self.origin(*path))
        if details["type"] == "extra_forbidden":
            return toml.unknown(source, key, DESCRIPTIONS)
        expected = DESCRIPTIONS[key if key in DESCRIPTIONS else ".".join(path[:2])]
        return BadInput(f"{source}: {key}", _shown(key, details["input"]), expected)

    def _clash(self, conflict: Conflict) -> BadInput:
        key = conflict.keys[0]
        source = next(filter(None, (self.origin(*one.split(".")) for one in conflict.keys)))
        return BadInput(f"{source}: {key}", _shown(key, conflict.found), conflict.expected)


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
    return gather(file, environ, **overrides).settings()


def gather(file: Path | None, environ: Mapping[str, str], **overrides: object) -> Gathered:
    """
    Read every source, as `load` does, and keep them apart.

    Raises:
        BadInput: If one can not be read.

    """
    if file is None and DEFAULT_FILE.exists():
        file = DEFAULT_FILE
    sources = [_Source("argument", overrides), *_from_environment(environ)]
    if file:
        sources.append(_Source(str(file), toml.read(file)))
    return Gathered(tuple(sources))


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Source]:
    """One source for each variable, so that an error can name it."""
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        tree = _read(variable, environ[variable])
        if not tree:
            _refuse_misspelling(variable)
        yield _Source(variable, tree)


def _read(variable: str, value: str) -> Tree:
    # Only now: a service has a file and no such variable, and this import is a seventh of its start.
    from pydantic_settings import EnvSettingsSource, SettingsError

    # It wants a BaseSettings, of which it uses what any model has: the fields.
    reader = EnvSettingsSource(Settings, env_prefix=PREFIX, env_nested_delimiter=BETWEEN)  # type: ignore[arg-type]
    reader.env_vars = {variable.lower(): value}
    try:
        return reader()
    except SettingsError:
        raise BadInput(variable, "text that is not JSON", "a table or a list in JSON") from None


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


def _shown(key: str, value: object) -> str:
    """Tell what was found, but for what may be a secret in the wrong place."""
    if key == "relay" or key.startswith(("relay.auth", "relay.query", "relay.token_file")):
        return f"a value of type {type(value).__name__}"
    if key == "relay.url":
        value = re.sub(r"(?<=//).*@|[?#].*", "…", str(value))
    text = repr(value)
    return text if len(text) <= FOUND_CHARS else text[:FOUND_CHARS] + "…"
