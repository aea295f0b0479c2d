"""`reading-corner config`: what is set, by whom, and whether a file is usable; without a secret in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from agent.errors import BadInput
from agent.link.token import TokenMissing, as_the_service, find_tokens
from agent.settings import DESCRIPTIONS
from agent.settings_sources import Gathered, gather, load

BAD_INPUT: Final = 2
"""Exit status for what a person has to put right, as in `agent.cli`."""

MASK: Final = "********"


def show(file: Path | None, environ: Mapping[str, str], console: Console) -> int:
    """
    Print every key: its value, who set it and what may stand there; of the device token only where it is.

    Returns:
        The exit status.

    Raises:
        BadInput: If the settings are not usable; its text has one line for each problem.

    """
    gathered = gather(file, environ)
    settings = gathered.settings()
    table = Table("key", "value", "from", "what it is", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for key, value in _leaves(settings):
        table.add_row(key, _told(key, value), _origin(gathered, key), DESCRIPTIONS[key])
    table.add_row("device token", *_token(settings.relay.token_file, environ), "what the relay knows this device by")
    for column in table.columns:
        column.overflow = "fold"
    console.print(table, markup=False, highlight=False)
    return 0


def check(file: Path, console: Console) -> int:
    """
    Print whether this file alone, without this machine's environment, is usable: OK, or a line for each problem.

    Returns:
        The exit status: 0, or 2 if a person has to put something right.

    """
    try:
        load(file, {})
    except BadInput as bad:
        _say(console, str(bad))
        return BAD_INPUT
    _say(console, f"{file}: OK")
    return 0


def _say(console: Console, text: str) -> None:
    """Lines as they are: no [ring] is markup, none is wrapped."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _leaves(model: BaseModel, above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in model:
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield above + name, value


def _told(key: str, value: object) -> str:
    if value is None:
        return "not set"
    if key == "relay.query":
        # Some relays want a key of theirs in here.
        value = dict.fromkeys(value, MASK) if isinstance(value, dict) else value
    return json.dumps(value, ensure_ascii=False, default=str)


def _origin(gathered: Gathered, key: str) -> str:
    return gathered.origin(*key.split(".")) or "default"


def _token(file: Path | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """Whether there is a token that the agent here would use, and where; or what is wrong with each place."""
    try:
        return MASK, find_tokens(file, as_the_service(environ))[0].place
    except TokenMissing as missing:
        return "missing", missing.where
