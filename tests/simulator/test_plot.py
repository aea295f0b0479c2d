import math
import sys

import pytest

from agent.errors import BadInput
from agent.simulator.plot import plot
from agent.simulator.timeline import Timeline, Which
from agent.units import Seconds

PNG = b"\x89PNG\r\n\x1a\n"


def lesson(seconds=30.0):
    """A question, a reply that is interrupted, a broken link, a prompt: every kind of record there is."""
    now = [Seconds(0.0)]
    timeline = Timeline(lambda: now[0])
    for period in range(int(seconds * 20)):
        now[0] = Seconds(period / 20)
        loud = abs(math.sin(now[0] * 9)) * 25 - 40
        timeline.level(Which.MICROPHONE, loud if 1.2 < now[0] % 14 < 5 else -75)
        timeline.level(Which.SPEAKER, loud + 8 if 5.6 < now[0] % 14 < 12 else -96)
    for at, kind, facts in [
        (0.0, "scene", {"name": "connecting"}),
        (0.2, "link", {"up": True, "why": ""}),
        (0.2, "scene", {"name": "ready"}),
        (1.1, "button", {"down": True}),
        (1.1, "gate", {"open": True, "turn": 1}),
        (1.1, "scene", {"name": "listening"}),
        (5.1, "button", {"down": False}),
        (5.1, "scene", {"name": "sending"}),
        (5.12, "commit", {"turn": 1}),
        (5.12, "scene", {"name": "thinking"}),
        *((5.5 + i / 20, "delta", {"turn": 1, "samples": 6000}) for i in range(25)),
        (5.6, "sound", {"turn": 1}),
        (5.6, "scene", {"name": "speaking"}),
        (7.0, "stall", {"turn": 1, "ms": 40}),
        (12.0, "button", {"down": True}),
        (12.01, "silence", {"turn": 1}),
        (12.01, "scene", {"name": "listening"}),
        (13.0, "link", {"up": False, "why": "cut"}),
        (13.0, "scene", {"name": "listening offline"}),
        (14.5, "link", {"up": True, "why": ""}),
        (14.5, "scene", {"name": "listening"}),
        (17.0, "button", {"down": False}),
        (17.03, "commit", {"turn": 2}),
        (17.03, "scene", {"name": "thinking"}),
        (17.5, "sound", {"turn": 2}),
        (17.5, "scene", {"name": "speaking"}),
        (26.0, "heard", {"turn": 2}),
        (26.0, "scene", {"name": "ready"}),
        (27.0, "dropped", {"turn": 3, "ms": 900}),
        (27.0, "prompt", {"name": "not-connected"}),
    ]:
        timeline.note(kind, at=Seconds(at), **facts)
    return timeline


def test_a_lesson_becomes_a_picture(tmp_path):
    plot(lesson(), tmp_path / "timeline.png")
    assert (tmp_path / "timeline.png").read_bytes().startswith(PNG)


def test_a_lesson_in_which_nothing_happened_is_a_picture_too(tmp_path):
    plot(Timeline(lambda: Seconds(0.0)), tmp_path / "timeline.png")
    assert (tmp_path / "timeline.png").read_bytes().startswith(PNG)


def test_a_place_that_can_not_be_written_is_one_clear_line(tmp_path):
    with pytest.raises(BadInput, match=r"timeline\.png: found no such file or directory; expected a file that can be"):
        plot(lesson(1.0), tmp_path / "missing" / "timeline.png")


def test_without_matplotlib_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)  # how Python itself marks a module that is not there
    with pytest.raises(BadInput, match=r"pip install 'reading-corner-agent\[plot\]'"):
        plot(lesson(1.0), tmp_path / "timeline.png")
