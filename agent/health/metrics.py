"""
A health record in the text format of Prometheus (0.0.4), for node_exporter's textfile collector.

Names begin with `reading_corner_` and end in their base unit. What is not known is left out, never zero. Whether the
file is fresh is told by node_exporter itself: `node_textfile_mtime_seconds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from agent.health.record import HealthRecord, Spread

PREFIX: Final = "reading_corner_"
DEVICES: Final = ("microphone", "speaker", "ring")
BYTES_PER_MB: Final = 10**6


@dataclass(frozen=True, slots=True)
class _Sample:
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


def exposition(record: HealthRecord) -> str:
    """Return the whole file."""
    return "".join(_whole(record))


def _whole(record: HealthRecord) -> Iterator[str]:
    link, turns = record.link, record.turns
    yield _info(record.version)
    yield _one("uptime_seconds", "Since the start of the agent.", record.up_s)
    yield _one("health_ratio", "Health score: 1 is well, below 0.5 nobody can be taught.", record.score / 100)
    yield _one("link_up", "Whether there is a session with the relay.", link.up)
    yield _one("link_state_seconds", "How long the link has been up or down.", link.since_s)
    yield _one("link_reconnects_total", "Reconnects that nobody had planned.", link.reconnects, "counter")
    yield _one("link_round_trip_seconds", "Last known round trip to the relay.", _seconds(link.round_trip_ms))
    ends = {"heard": turns.heard, "interrupted": turns.interrupted, "unanswered": turns.unanswered}
    by_end = (_Sample(count, {"end": end}) for end, count in ends.items())
    yield _family("turns_total", "Turns by how they ended.", by_end, "counter")
    yield _one("utterances_dropped_total", "Utterances dropped for want of a link.", turns.dropped, "counter")
    yield _spread("release_to_sound_seconds", "Release of the button to first sound.", turns.release_to_sound)
    yield _spread("press_to_silence_seconds", "Press of the button to silent speaker.", turns.press_to_silence)
    lost = (_Sample(device in record.missing, {"device": device}) for device in DEVICES)
    yield _family("device_missing", "Whether a device is lost.", lost)
    yield from _board(record)


def _board(record: HealthRecord) -> Iterator[str]:
    board = record.board
    yield _one("temperature_celsius", "Temperature of the processor.", board.temperature_c)
    yield _one("undervoltage", "Whether the supply is too weak.", board.undervoltage)
    yield _one("own_memory_bytes", "Memory of the agent, resident and swapped.", _bytes(board.own_memory_mb))
    yield _one("memory_available_bytes", "Memory that can be had.", _bytes(board.free_memory_mb))
    yield _one("disk_free_bytes", "Room on the disk that keeps the state.", _bytes(board.free_disk_mb))
    yield _one("disk_read_only", "Whether that disk takes nothing.", board.disk_read_only)
    yield _one("clock_synchronised", "Whether a time server has answered.", board.clock_synchronised)
    yield _one("wifi_power_save", "Whether the Wi-Fi in use saves power.", board.wifi_power_save)


def _info(version: str) -> str:
    return _family("build_info", "The release that runs.", [_Sample(1, {"version": version})])


def _spread(name: str, about: str, spread: Spread) -> str:
    known = (("50", spread.p50_ms), ("95", spread.p95_ms))
    samples = (_Sample(ms / 1000, {"percentile": percent}) for percent, ms in known if ms is not None)
    return _family(name, f"{about[:-1]}, percentiles of the last turns.", samples)


def _one(name: str, about: str, value: float | None, kind: str = "gauge") -> str:
    return _family(name, about, [] if value is None else [_Sample(value)], kind)


def _family(name: str, about: str, samples: Iterable[_Sample], kind: str = "gauge") -> str:
    lines = [f"{PREFIX}{name}{_labels(sample.labels)} {float(sample.value):.12g}\n" for sample in samples]
    return "".join((f"# HELP {PREFIX}{name} {about}\n", f"# TYPE {PREFIX}{name} {kind}\n", *lines)) if lines else ""


def _labels(labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def _bytes(mb: float | None) -> float | None:
    return None if mb is None else mb * BYTES_PER_MB
