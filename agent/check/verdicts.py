"""What was found, whether that is good, and what all of it comes to."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final


class Verdict(enum.Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """It can teach, but not for long or not well."""
    FAILED = "failed"
    NOT_CHECKED = "not checked"
    """Nobody knows; that is never good news."""


GOOD: Final = frozenset({Verdict.OK, Verdict.WARNING})

ESSENTIAL: Final = ("microphone", "speaker", "button and ring", "session")
"""What there is no turn without: unless each of these was found to be good, nobody can say that the corner teaches."""


@dataclass(frozen=True, slots=True)
class Check:
    """
    One line for IT: what was looked at, what was found, what to do about it.

    Raises:
        ValueError: If it is bad news without a way out.

    """

    name: str
    verdict: Verdict
    found: str
    what_to_do: str = ""

    def __post_init__(self) -> None:
        if self.verdict in (Verdict.WARNING, Verdict.FAILED) and not self.what_to_do:
            raise ValueError(f"{self.name}: {self.verdict.value}, and nothing to do about it")


def ok(name: str, found: str) -> Check:
    """It is as it should be."""
    return Check(name, Verdict.OK, found)


def warning(name: str, found: str, what_to_do: str) -> Check:
    """It works, and should not stay so."""
    return Check(name, Verdict.WARNING, found, what_to_do)


def failed(name: str, found: str, what_to_do: str) -> Check:
    """The corner can not teach with this."""
    return Check(name, Verdict.FAILED, found, what_to_do)


def not_checked(name: str, why: str, what_to_do: str = "") -> Check:
    """It could not be looked at."""
    return Check(name, Verdict.NOT_CHECKED, why, what_to_do)


def can_teach(checks: Iterable[Check]) -> bool:
    """Nothing failed, and all that is essential was found to be good."""
    return not _obstacles(tuple(checks))


def summary(checks: Sequence[Check]) -> str:
    """Say in a line what it comes to."""
    if obstacles := _obstacles(checks):
        return f"This corner can not teach: {', '.join(obstacles)}."
    counts = Counter(check.verdict for check in checks)
    return f"This corner can teach: {', '.join(f'{counts[one]} {one.value}' for one in Verdict if counts[one])}."


def as_dict(checks: Sequence[Check], version: str) -> dict[str, Any]:
    """Return all of it for JSON; `version` is the agent's."""
    return {
        "can_teach": can_teach(checks),
        "version": version,
        "checks": [
            {
                "name": check.name,
                "verdict": check.verdict.value,
                "found": check.found,
                "what_to_do": check.what_to_do or None,
            }
            for check in checks
        ],
    }


def _obstacles(checks: Sequence[Check]) -> tuple[str, ...]:
    bad = [f"{check.name} {check.verdict.value}" for check in checks if check.verdict is Verdict.FAILED]
    good = {check.name for check in checks if check.verdict in GOOD}
    told = {check.name for check in checks if check.verdict is Verdict.FAILED}
    unknown = [f"{name} {Verdict.NOT_CHECKED.value}" for name in ESSENTIAL if name not in good | told]
    return (*bad, *unknown)
