"""What must not leave the school in a ticket, masked in whatever text it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agent.journal.masking import MASK, masked_thoroughly

SHORTEST_SECRET: Final = 6
"""A shorter one would mask half of the archive; a token of ours has 87 characters."""


def redacted(text: str, secrets: Iterable[str]) -> str:
    """
    Mask the secrets that are known, everything in the shape of one, and the values of telling names.

    Args:
        text: Lines of any program.
        secrets: What is known to be one, such as this device's token, which a foreign relay may have made.

    """
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return masked_thoroughly(text)
