"""Why something is not done: an exit status and one line."""

from __future__ import annotations

DONE, FAILED, BAD_INPUT, BUSY = range(4)


class Refusal(Exception):
    """It can not be done, and the message says why in one line."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status
