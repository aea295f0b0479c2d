"""The rotated token in the service's state directory: whenever the power is cut, the old or the new one is there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

NAME: Final = "device-token"

PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Rotated:
    """
    A token that a relay has sent.

    Args:
        token: The secret.
        instead_of: The `fingerprint` of the token that a person had put on this device by then, empty if there was
            none. With another one there now, somebody has begun anew, and this one is of the past.

    """

    token: str = field(repr=False)
    instead_of: str


def fingerprint(token: str) -> str:
    """What tells a token from others without telling it: SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def read(folder: Path) -> Rotated:
    """Look at the last one that was written. Raises OSError, and ValueError if it is none."""
    kept = json.loads((folder / NAME).read_text("utf-8"))
    token, instead_of = (kept.get(key) for key in ("token", "instead_of")) if isinstance(kept, dict) else (None, None)
    if not isinstance(token, str) or not isinstance(instead_of, str):
        raise ValueError("no rotated token")
    return Rotated(token, instead_of)


def writing(folder: Path, new: Rotated) -> Iterator[None]:
    """
    Put a token into its file, step by step: whoever takes no further step leaves what a power cut would.

    Blocks on the disk at each step. Raises OSError.
    """
    half = folder / f"{NAME}.new"
    half.unlink(missing_ok=True)  # of a power cut
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        yield
        json.dump({"token": new.token, "instead_of": new.instead_of}, out)
        out.flush()
        yield
        os.fsync(out.fileno())
    yield
    half.replace(folder / NAME)
    yield
    _sync(folder)  # else the new name may be lost again, after the relay was told that it is kept


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
