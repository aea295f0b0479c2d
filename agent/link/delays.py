"""How long to wait after each failure: what the judge says, in seconds."""

from __future__ import annotations

from typing import Final, assert_never

from agent.link.backoff import (
    CLOCK_RETRY,
    Failure,
    HttpRefused,
    Random,
    Verdict,
    backoff,
    limited_retry,
    slow_retry,
    verdict,
)
from agent.units import Seconds

FIRST_DELAY: Final = Seconds(0.5)
LONGEST_DELAY: Final = Seconds(30.0)
"""Full jitter up to here: a district's devices that lost power together come back spread over half a minute."""


class Delays:
    """
    Told failures and successes; answers with seconds.

    Args:
        random: Uniform in [0, 1).

    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.succeeded()

    def succeeded(self) -> None:
        """There is a session: what comes next is a new trouble."""
        self._retries = backoff(FIRST_DELAY, 2.0, LONGEST_DELAY, self._random)

    def after(self, failure: Failure) -> Seconds:
        """The time until the next dial."""
        match verdict(failure):
            case Verdict.PLANNED:
                return Seconds(0.0)
            case Verdict.RETRY | Verdict.BLOCKED:
                return next(self._retries)
            case Verdict.CLOCK:
                return CLOCK_RETRY
            case Verdict.REFUSED:
                return next(slow_retry(self._random))
            case Verdict.LIMITED:
                wish = failure.retry_after if isinstance(failure, HttpRefused) else None
                return limited_retry(wish, self._random)
            case judged:  # pragma: no cover -- mypy proves that there is no other verdict
                assert_never(judged)
