"""The registry as a page for people and a structure for programs: which device has which tokens, never a secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from agent.relay.registry import Grant
from agent.relay.rotations import Rotation


def lines(grants: Iterable[Grant], rotations: Mapping[str, Rotation]) -> Iterator[str]:
    """A line for each token: its id, its device, when it was issued, what is to be known of it, and how it stands."""
    for grant in grants:
        told = []
        if grant.is_valid and not grant.used:
            told.append("not used yet")
        if grant.is_valid and (rotation := rotations.get(grant.device_id)):
            told.append(f"rotation {rotation.state.value} {rotation.since}")
        if grant.doubled:
            told.append(f"in two places at once {grant.doubled}")
        told.append(_standing(grant))
        yield f"{grant.id} {grant.device_id} {grant.issued} {', '.join(told)}"


def as_json(grants: Iterable[Grant], rotations: Mapping[str, Rotation]) -> list[dict[str, Any]]:
    """For each device its rotation, null if it never had one, and its tokens, the oldest first; no moment is null."""
    return [
        {"device": device_id, "rotation": _rotation(rotations.get(device_id)), "tokens": [_token(one) for one in own]}
        for device_id, own in groupby(grants, attrgetter("device_id"))
    ]


def _standing(grant: Grant) -> str:
    if grant.revoked:
        return f"revoked {grant.revoked}"
    if grant.ends:
        return f"valid until {grant.ends}" if grant.is_valid else f"ended {grant.ends}"
    return "valid"


def _rotation(rotation: Rotation | None) -> dict[str, str] | None:
    return {"state": rotation.state.value, "since": rotation.since} if rotation else None


def _token(grant: Grant) -> dict[str, Any]:
    moments = ("issued", "offered", "used", "ends", "revoked", "doubled")
    return {"id": grant.id, "valid": grant.is_valid, **{name: getattr(grant, name) or None for name in moments}}
