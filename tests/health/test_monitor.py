"""An hour of a corner's health on virtual time: what is noted, kept and asked for."""

import asyncio

import pytest

from agent.health.board import Board
from agent.health.monitor import Monitor, Outgrown
from agent.health.record import Now
from agent.health.tally import Tally
from tests.check.test_board import HEALTHY
from tests.check.tree import tree
from tests.clock import jumping
from tests.health.test_turns import Heard

STATUS = {"proc/self/status": "VmRSS:\t   50000 kB\nVmSwap:\t   0 kB\n"}
BIG = {"proc/self/status": "VmRSS:\t   100000 kB\nVmSwap:\t   30000 kB\n"}
TEMPERATURE = "sys/class/thermal/thermal_zone0/temp"


class Corner:
    """A monitor with its clocks, on a made-up board."""

    def __init__(self, root, metrics_file=None):
        clock = asyncio.get_running_loop().time
        self.root, self.heard, self.tally = root, Heard(), Tally(clock)
        tree(root, HEALTHY | STATUS)
        self.resting = True
        self.now = Now("ready", "ready", 0, 0.0, 0.0, 0)
        self.monitor = Monitor(
            self.heard,
            self.tally,
            Board(root, root),
            lambda: self.now,
            lambda: self.resting,
            version="1.2",
            metrics_file=metrics_file,
            clock=clock,
            wall_clock=lambda: 1.7e9 + clock(),
        )

    def noted(self, kind):
        return [facts for noted, _, facts in self.heard.notes if noted == kind]

    async def live(self, seconds):
        """Let it watch for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self.monitor.run()
        except TimeoutError:
            pass


def test_each_minute_has_a_record_that_fits_on_a_line(tmp_path):
    async def story():
        corner = Corner(tmp_path)
        await corner.live(190)
        return corner.noted("health")

    records = jumping(story())
    assert [record["up_s"] for record in records] == [0.0, 60.0, 120.0, 180.0]
    assert records[0]["board_temperature_c"] == 52.6
    assert records[0]["now_state"] == "ready"


def test_a_change_of_the_board_is_noted_once_and_is_in_the_record(tmp_path):
    async def story():
        corner = Corner(tmp_path)
        await corner.live(70)
        tree(tmp_path, {TEMPERATURE: "81000\n"})
        await corner.live(130)
        hot = corner.monitor.record()
        tree(tmp_path, {TEMPERATURE: "60000\n"})
        await corner.live(70)
        return corner.noted("board"), hot

    changes, hot = jumping(story())
    assert [(change["name"], change["wrong"]) for change in changes] == [("temperature", True), ("temperature", False)]
    assert any("81 °C" in reason for reason in hot.reasons)


def test_a_record_is_of_the_moment_in_which_it_is_asked_for(tmp_path):
    async def story():
        corner = Corner(tmp_path)
        before = corner.monitor.record()
        corner.tally.note("link", up=True, why="")
        corner.tally.note("device", which="ring", found=False, what="gone")
        corner.now = Now("thinking", "thinking", 3, 0.1, 0.0, 40)
        return before, corner.monitor.record()

    before, after = jumping(story())
    assert (before.link.up, before.now.turn, before.missing) == (False, 0, ())
    assert (after.link.up, after.now.turn, after.missing) == (True, 3, ("ring",))
    assert after.score <= 40


def test_an_agent_that_outgrew_its_memory_ends_in_a_quiet_moment_and_only_then(tmp_path):
    async def story():
        corner = Corner(tmp_path)
        tree(tmp_path, BIG)
        corner.resting = False
        await corner.live(3900)
        assert [change["name"] for change in corner.noted("board")] == ["own memory"]
        corner.resting = True
        with pytest.raises(Outgrown, match=r"133\.1 MB"):
            await corner.monitor.run()

    jumping(story())


def test_a_metrics_file_without_its_folder_is_one_trouble_in_an_hour(tmp_path):
    async def story():
        corner = Corner(tmp_path, tmp_path / "gone" / "corner.prom")
        await corner.live(3600)
        return corner

    corner = jumping(story())
    assert len(corner.noted("health")) == 60
    assert len(corner.noted("trouble")) == 1


def test_the_metrics_file_is_there_within_the_first_look(tmp_path):
    async def story():
        corner = Corner(tmp_path, tmp_path / "corner.prom")
        running = asyncio.create_task(corner.monitor.run())
        while not (tmp_path / "corner.prom").exists():  # noqa: ASYNC110 - another thread writes it
            await asyncio.sleep(0.001)
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(story())
    assert "reading_corner_health_ratio" in (tmp_path / "corner.prom").read_text()
