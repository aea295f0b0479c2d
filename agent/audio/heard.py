"""How much of each part of a reply was heard: from samples of the output back to samples of the content."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from agent.audio.block import Span
from agent.units import EndOfReply, Part


class _Runs:
    """Where the content of one part lies in the output: what was heard for certain, and the runs behind it."""

    def __init__(self) -> None:
        self._heard = 0
        self._runs: deque[tuple[int, int]] = deque()

    def add(self, start: int, length: int) -> None:
        self._runs.append((start, length))

    def heard(self, position: int) -> int:
        """Samples of content before this position of the output; positions only grow."""
        while self._runs and sum(self._runs[0]) <= position:
            self._heard += self._runs.popleft()[1]
        return self._heard + (max(0, position - self._runs[0][0]) if self._runs else 0)


class Heard:
    """
    The ledger of what was written and is not yet known to be heard. A position counts samples of output.

    Only content counts: not what bridges a gap or a thin cushion. A response is forgotten when it has drained.
    """

    def __init__(self) -> None:
        self._parts: dict[Part, _Runs] = {}
        self._over: deque[tuple[int, EndOfReply]] = deque()

    def expect(self, part: Part) -> None:
        """Sound of this part came in; none of it is heard yet."""
        self._parts.setdefault(part, _Runs())

    def wrote(self, position: int, spans: Iterable[Span], over: Iterable[EndOfReply], length: int) -> None:
        """A block of this length was written at this position."""
        for span in spans:
            if span.is_content:
                self._parts.setdefault(span.part, _Runs()).add(position + span.start, span.length)
        self._over.extend((position + length, end) for end in over)

    def drained(self, position: int) -> list[EndOfReply]:
        """The responses whose last sample was heard by this position; they are forgotten."""
        gone: list[EndOfReply] = []
        for runs in self._parts.values():
            runs.heard(position)
        while self._over and self._over[0][0] <= position:
            gone.append(self._over.popleft()[1])
        for end in gone:
            for part in [part for part in self._parts if part.response_id == end.response_id]:
                del self._parts[part]
        return gone

    def freeze(self, position: int) -> dict[Part, int]:
        """How many samples of each part were heard by this position; then all is forgotten."""
        heard = {part: runs.heard(position) for part, runs in self._parts.items()}
        self._parts.clear()
        self._over.clear()
        return heard
