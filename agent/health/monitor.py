"""Once a minute: look at the board, say what has changed, and put the corner's health where it is looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from agent.errors import AgentError
from agent.health.board import Board
from agent.health.metrics import exposition
from agent.health.metrics_file import MetricsFile
from agent.health.record import HealthRecord, Now
from agent.health.score import Evidence, judge
from agent.health.tally import Tally
from agent.health.watch import Watch
from agent.observer import Observer
from agent.units import Seconds

EVERY_S: Final = 60.0
"""A day of records is 1440 lines of journal, and what a Pi does to itself takes minutes."""

WIFI_EVERY_S: Final = Seconds(3600.0)
"""A setting that only a person changes; asking for it starts a process."""


class Outgrown(AgentError):
    """The agent takes too much memory, and the moment is quiet: to be ended, and started afresh by systemd."""


class Monitor:
    """
    Knows how the corner is doing. Event loop only.

    Args:
        observer: Told of `board` changes, of `health` once a minute, and of `trouble` with the metrics file.
        tally: What was so far; an observer of the same agent.
        board: Where it is read.
        now: What the agent is doing.
        is_resting: Whether no turn is going on: only then is it disturbed.
        version: The agent's.
        metrics_file: For node_exporter; None for none.
        clock: Monotonic.
        wall_clock: Seconds since any beginning, on the clock that may be set.

    """

    def __init__(
        self,
        observer: Observer,
        tally: Tally,
        board: Board,
        now: Callable[[], Now],
        is_resting: Callable[[], bool],
        *,
        version: str,
        metrics_file: Path | None,
        clock: Callable[[], Seconds],
        wall_clock: Callable[[], float],
    ) -> None:
        self._observer, self._tally, self._board = observer, tally, board
        self._now, self._is_resting = now, is_resting
        self._version, self._clock, self._wall_clock = version, clock, wall_clock
        self._metrics = MetricsFile(metrics_file, self._trouble) if metrics_file else None
        self._watch = Watch()
        self._since = clock()
        self._wifi_at = self._since
        self._sample = board.read()

    async def run(self) -> None:
        """
        Look every minute, until cancelled.

        Raises:
            Outgrown: At rest only.

        """
        while True:
            await self._look()
            if self._watch.restart_wanted and self._is_resting():
                raise Outgrown(f"{self._sample.own_memory_mb} MB of memory: to be started afresh")
            await asyncio.sleep(EVERY_S)

    def record(self) -> HealthRecord:
        """Everything at this moment, the board as of the last minute. Reads no file: ask as often as you like."""
        link, board, missing = self._tally.link(), self._sample, self._tally.missing()
        score, reasons = judge(Evidence(link, self._tally.recent(), board, missing))
        return HealthRecord(
            version=self._version,
            up_s=Seconds(round(self._clock() - self._since, 1)),
            now=self._now(),
            link=link,
            turns=self._tally.turns(),
            board=board,
            missing=missing,
            score=score,
            reasons=reasons,
        )

    async def _look(self) -> None:
        if self._clock() >= self._wifi_at and self._is_resting():
            self._wifi_at = Seconds(self._clock() + WIFI_EVERY_S)
            await self._board.ask_wifi()
        self._sample = self._board.read()
        for change in self._watch.look(self._sample, self._clock(), self._wall_clock()):
            self._observer.note("board", name=change.name, wrong=change.wrong, what=change.what)
        record = self.record()
        self._observer.note("health", at=None, **record.as_facts())
        if self._metrics:
            self._metrics.put(exposition(record))

    def _trouble(self, name: str) -> None:
        self._observer.note("trouble", name=name)
