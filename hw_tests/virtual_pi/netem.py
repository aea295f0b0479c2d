"""A bad network between the agent and its relay, and nobody else. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CLEAR: Final = "tc qdisc del dev lo root 2>/dev/null || true"

# Nothing is in the fourth band but what the filters put there: ssh and the rest of the machine stay well.
BANDS: Final = "tc qdisc add dev lo root handle 1: prio bands 4 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"


@dataclass(frozen=True, slots=True)
class Weather:
    """What each packet meets, in each direction."""

    delay_ms: int = 0
    jitter_ms: int = 0
    loss_percent: float = 0.0


CUT: Final = Weather(loss_percent=100.0)
"""As when a cable is pulled somewhere: nobody is told."""


def commands(weather: Weather, port: int) -> Sequence[str]:
    """List what to run on the machine, as root; the relay is at `port` of its loopback."""
    if weather == Weather():
        return (CLEAR,)
    faults = [f"delay {weather.delay_ms}ms {weather.jitter_ms}ms"] if weather.delay_ms or weather.jitter_ms else []
    faults += [f"loss {weather.loss_percent:g}%"] if weather.loss_percent else []
    match = "tc filter add dev lo parent 1: protocol ip u32 match ip"
    return (
        CLEAR,
        BANDS,
        f"tc qdisc add dev lo parent 1:4 handle 40: netem {' '.join(faults)}",
        f"{match} dport {port} 0xffff flowid 1:4",
        f"{match} sport {port} 0xffff flowid 1:4",
    )
