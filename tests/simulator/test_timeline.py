import json
import threading

import pytest

from agent.errors import BadInput
from agent.simulator.timeline import Level, Timeline, Which
from agent.units import Seconds


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return Seconds(self.now)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def timeline(clock):
    return Timeline(clock)


def told(timeline):
    return [(record.at_ms, record.kind, dict(record.facts)) for record in timeline.records()]


def test_time_begins_with_the_timeline(timeline, clock):
    clock.now += 1.2345678
    timeline.note("button", down=True)
    assert told(timeline) == [(1234.57, "button", {"down": True})]


def test_what_another_thread_saw_earlier_is_put_where_it_happened(timeline, clock):
    clock.now += 0.5
    timeline.note("scene", name="speaking")
    timeline.note("sound", at=Seconds(1000.25), turn=1)
    assert [at for at, _, _ in told(timeline)] == [250.0, 500.0]


def test_who_follows_is_told_at_once_and_only_what_comes(timeline):
    heard = []
    timeline.note("scene", name="connecting")
    timeline.follow(heard.append)
    timeline.note("scene", name="ready")
    assert [record.facts["name"] for record in heard] == ["ready"]


def test_levels_come_from_their_device_s_own_thread(timeline, clock):
    clock.now += 0.01
    thread = threading.Thread(target=timeline.level, args=(Which.SPEAKER, -12.5))
    thread.start()
    thread.join()
    assert timeline.levels(Which.SPEAKER) == (Level(10.0, -12.5),)
    assert timeline.levels(Which.MICROPHONE) == ()


def test_a_record_is_a_line_of_json(timeline, tmp_path):
    timeline.note("link", up=False, why="cut")
    timeline.note("stall", turn=2, ms=40)
    timeline.write(tmp_path / "timeline.jsonl")
    lines = (tmp_path / "timeline.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"at_ms": 0.0, "kind": "link", "up": False, "why": "cut"},
        {"at_ms": 0.0, "kind": "stall", "turn": 2, "ms": 40},
    ]


def test_a_place_that_can_not_be_written_is_one_clear_line(timeline, tmp_path):
    with pytest.raises(BadInput, match="found no such file or directory; expected a file that can be written"):
        timeline.write(tmp_path / "missing" / "timeline.jsonl")
