from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from agent.session.effects import Scene
from agent.simulator.terminal import Screen, View, render
from agent.units import Turn

VIEW = View(
    colours=((0, 40, 0),) * 12,
    scene=Scene.SPEAKING,
    turn=Turn(3),
    link="up",
    mic_level=0.0,
    speaker_level=0.5,
    depth_ms=120.4,
    lines=("12.000 release", "12.021 commit"),
)


def console(**settings):
    return Console(file=StringIO(), width=80, height=24, **settings)


def drawn(view):
    paper = console()
    paper.print(render(view))
    return paper.file.getvalue()


def test_a_view_tells_all_there_is_to_know():
    picture = drawn(VIEW)
    for fact in ("speaking", "3", "up", "120 ms", "12.000 release", "12.021 commit", "space"):
        assert fact in picture


@pytest.mark.parametrize("leds", [1, 12, 16, 24])
def test_every_led_has_a_dot_of_its_own(leds):
    assert drawn(replace(VIEW, colours=((0, 40, 0),) * leds)).count("●") == leds


def test_dots_have_the_colours_of_the_leds_but_brighter():
    paper = console(force_terminal=True, color_system="truecolor")
    paper.print(render(replace(VIEW, colours=((10, 0, 38), (0, 0, 0)))))
    assert "38;2;40;0;152" in paper.file.getvalue()
    assert "38;2;0;0;0" in paper.file.getvalue()


def test_a_meter_grows_with_its_level_and_never_bursts():
    lengths = [
        drawn(replace(VIEW, mic_level=level, speaker_level=0, depth_ms=0)).count("█") for level in (0, 0.5, 1, 9)
    ]
    assert lengths == [0, 10, 20, 20]


def test_a_view_fits_a_terminal_of_24_lines_whatever_the_lines_say():
    picture = drawn(replace(VIEW, lines=["[red]" + "x" * 200] * 50))
    assert len(picture.splitlines()) <= 24
    assert "[red]" in picture


def test_without_a_terminal_lines_are_printed_one_each_and_nothing_is_drawn():
    pipe = console()
    with Screen(pipe) as screen:
        screen.tell("0.100 [press]")
        screen.show(VIEW)
        screen.tell("0.900 " + "long " * 40)
    assert pipe.file.getvalue().splitlines() == ["0.100 [press]", "0.900 " + "long " * 40]


def test_on_a_terminal_the_lines_told_are_drawn_with_the_view_and_the_cursor_comes_back():
    terminal = console(force_terminal=True)
    with Screen(terminal) as screen:
        screen.tell("0.100 press")
        screen.show(VIEW)
    assert "●" in terminal.file.getvalue()
    assert "0.100 press" in terminal.file.getvalue()
    assert terminal.file.getvalue().endswith("\x1b[?25h")
