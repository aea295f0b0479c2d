"""
The two messages about a new device token, known to our relay and our device only, in words of no Realtime vocabulary.

    relay  -> device    device.token.rotate    {"event_id", "token_id", "token", "old_valid_until": Unix seconds}
    device -> relay     device.token.rotated   {"event_id", "token_id"}       it is on the disk, and used from now on

A device says none unasked, and on a relay that never rotates a token it never has to: it can live on any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from agent.link.fields import of_type
from agent.link.token import Token

ROTATE: Final = "device.token.rotate"
ROTATED: Final = "device.token.rotated"

_TOKEN_ID: Final = re.compile(r"[!-~]{1,128}")
"""Visible ASCII; ours are 16 characters, others may be a UUID or a digest."""

_TOKEN: Final = re.compile(r"[!-~]{16,4096}")
"""Visible ASCII, as `agent.link.token` reads it back. Shorter is no secret; longer does not fit, with all the rest,
into the 8 KiB that servers accept as headers."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A new token, and the name by which its receipt is told."""

    token_id: str
    token: Token


def rotate(token_id: str, token: str, old_valid_until: int) -> dict[str, Any]:
    """Tell a device its new token; the old one will do until then (Unix seconds), or until the new one is used."""
    what = {"token_id": token_id, "token": token, "old_valid_until": old_valid_until}
    return {"type": ROTATE, "event_id": f"event_relay_{token_id}", **what}


def offered(message: str | bytes) -> Offer | None:
    """Find the new token in a message; None if it is about something else, or can not be one."""
    event = of_type(message, ROTATE)
    if event is None:
        return None
    token_id, token = event.get("token_id"), event.get("token")
    if not (isinstance(token_id, str) and _TOKEN_ID.fullmatch(token_id)):
        return None
    return Offer(token_id, Token(token)) if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def rotated(token_id: str) -> str:
    """Tell the relay that the token of this name is kept."""
    return json.dumps({"type": ROTATED, "event_id": f"rc-rotated-{token_id}", "token_id": token_id})


def is_receipt(event: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a message of a device is about a token, and so not for the tutor."""
    return isinstance(event, dict) and event.get("type") == ROTATED
