"""Whoever looks after the agent must not be its end."""

import asyncio
import logging

import pytest

from agent.caretaker import AGAIN_S, unharmed
from agent.health.monitor import Outgrown
from tests.clock import jumping


class Part:
    """Something beside the agent that breaks each time it is begun, after a second, with the next of these."""

    def __init__(self, *troubles):
        self.begun, self._troubles = [], list(troubles)

    async def run(self):
        self.begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(1)
        if self._troubles:
            raise self._troubles.pop(0)


def test_what_breaks_beside_the_agent_is_told_and_begun_anew_later(caplog):
    part = Part(ValueError("what a student said"), RuntimeError("can't start new thread"))
    with caplog.at_level(logging.ERROR):
        jumping(unharmed("school bell", part.run))
    assert part.begun == [0, 1 + AGAIN_S, 2 * (1 + AGAIN_S)]
    assert [record.getMessage().partition("\n")[0] for record in caplog.records] == ["the school bell broke"] * 2
    assert [record.exc_info[0] for record in caplog.records] == [ValueError, RuntimeError]


def test_an_agent_that_has_outgrown_its_board_ends_all_the_same():
    with pytest.raises(Outgrown):
        jumping(unharmed("monitor", Part(Outgrown("121 MB of memory")).run))
