"""What README shows and a program writes: it stands between two marks, and is written anew after a change."""

from __future__ import annotations


def between(text: str, begin: str, end: str, fresh: str) -> str:
    """
    Put what is fresh between the marks.

    Raises:
        ValueError: If a mark is not there.

    """
    head, begun, rest = text.partition(begin)
    _, ended, tail = rest.partition(end)
    if not (begun and ended):
        raise ValueError(f"the marks are missing: {begin}")
    return f"{head}{begin}\n{fresh}\n{end}{tail}"
