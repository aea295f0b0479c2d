"""What must not leave the school in a ticket, masked in whatever text it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from agent.link.token import redact

MASK: Final = "********"

SHORTEST_SECRET: Final = 6
"""A shorter one would mask half of the archive; a token of ours has 87 characters."""

_NAMED = re.compile(
    r"(?i)((?:student|transcript|token|secret|password|authorization|bearer|api[_-]?key)[\w.-]*[\"']?\s*[=:]\s*)"
    r"(\"[^\"]*\"|'[^']*'|[^\s,;&}]+)"
)
"""A key that may hold one of them, and its value: ours never do, but a ticket also carries other programs' lines."""

_HARMLESS = re.compile(r"^[\"']?(?:not|null|None|missing|true|false|/.*|\d{1,3}|\*+)[\"']?$")


def redacted(text: str, secrets: Iterable[str]) -> str:
    """
    Mask the secrets that are known, everything that looks like a device token, and values of telling keys.

    Args:
        text: Lines of any program.
        secrets: What is known to be one, such as this device's token, which a foreign relay may have made.

    """
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return _NAMED.sub(_masked, redact(text))


def _masked(found: re.Match[str]) -> str:
    name, value = found.groups()
    return found.group() if _HARMLESS.match(value) else f"{name}{MASK}"
