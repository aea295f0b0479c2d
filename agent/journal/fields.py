"""Fields of a journal line: facts with known names only, without secrets, as journald takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent.journal.lines import Line, Priority
from agent.journal.masking import masked
from agent.observer import Fact

IDENTIFIER: Final = "reading-corner"
"""`journalctl -t` finds us by it; journald would take the name of the interpreter."""

_OF_LINES: Final = """
version name what which found wrong open down why failure verdict retry_ms tries lasted_s withheld age_s ms
logger error traceback
"""

_OF_TURNS: Final = """
turn end release_to_sound_ms press_to_silence_ms start_delay_ms stalls stalled_ms concealed_ms underruns overruns
round_trip_ms
"""

_OF_HEALTH: Final = """
up_s score reasons missing now_state now_scene now_turn now_student_level now_tutor_level now_depth_ms
link_up link_since_s link_why link_reconnects link_round_trip_ms
turns_heard turns_interrupted turns_unanswered turns_dropped
turns_release_to_sound_p50_ms turns_release_to_sound_p95_ms turns_press_to_silence_p50_ms turns_press_to_silence_p95_ms
board_temperature_c board_undervoltage board_own_memory_mb board_free_memory_mb board_free_disk_mb
board_clock_synchronised board_wifi_power_save board_disk_read_only
"""

KNOWN: Final = frozenset(f"{_OF_LINES} {_OF_TURNS} {_OF_HEALTH}".split())
"""Names that may become fields. A fact with another name is not written: whoever needs it adds it in a review."""

LONGEST: Final = 300
"""Characters of a value or a message; ours have less, a far end's words could have any number."""

LONGEST_TRACEBACK: Final = 4000
"""Characters: twenty frames with their source."""


def fields(line: Line, priority: Priority, facts: Mapping[str, Fact | None]) -> dict[str, str]:
    """All fields of a line but its message."""
    known = {f"AGENT_{name.upper()}": _value(name, fact) for name, fact in facts.items() if _is_known(name, fact)}
    return known | {
        "MESSAGE_ID": line.message_id,
        "PRIORITY": str(int(priority)),
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        "AGENT_EVENT": line.name.lower(),
    }


def one_line(text: str) -> str:
    """As much of a text as one line can show, without secrets and without what moves a screen's cursor."""
    text = masked(text)
    return "".join(character if character.isprintable() else " " for character in text[:LONGEST])


def _is_known(name: str, fact: Fact | None) -> bool:
    return fact is not None and fact != "" and name in KNOWN


def _value(name: str, fact: Fact | None) -> str:
    if isinstance(fact, bool):
        return "true" if fact else "false"
    if isinstance(fact, float):
        return f"{fact:.3f}".rstrip("0").rstrip(".")
    text = str(fact)
    return masked(text)[:LONGEST_TRACEBACK] if name == "traceback" else one_line(text)
