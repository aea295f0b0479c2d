"""TOML that a person wrote, and what to say of its mistakes."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent.errors import BadInput


def read(file: Path) -> dict[str, Any]:
    """
    Read a whole file.

    Raises:
        BadInput: If it is not there, not readable or not TOML.

    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise BadInput(str(file), str(error.strerror).lower(), "a readable file in TOML") from None
    except UnicodeDecodeError:
        raise BadInput(str(file), "bytes that are not UTF-8", "a file in TOML") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(str(file), f"a mistake ({error})", "a file in TOML") from None


def nearest(key: str, known: Iterable[str]) -> str | None:
    """Return the known key that was probably meant, if any looks alike."""
    return next(iter(difflib.get_close_matches(key, list(known), n=1)), None)


def unknown(where: str, key: str, known: Iterable[str]) -> BadInput:
    """Return what to raise for a key that nobody reads."""
    known = list(known)
    meant = nearest(key, known)
    return BadInput(where, f"unknown key {key!r}", f"{meant!r}?" if meant else "one of " + ", ".join(known))
