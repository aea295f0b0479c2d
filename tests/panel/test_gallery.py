"""The picture of all scenes, as a teacher gets it."""

from itertools import chain
from pathlib import Path
from textwrap import wrap
from xml.etree import ElementTree as ET

import pytest

from agent.panel import gallery as drawing
from agent.panel.captions import CAPTIONS
from agent.panel.gallery import LEDS, LETTERS, MOMENTS, gallery
from agent.session.effects import Scene

FILE = Path(drawing.__file__).with_name("scenes.svg")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn():
    return gallery()


@pytest.fixture(scope="module")
def page(drawn):
    return ET.fromstring(drawn)  # noqa: S314 it is our own


def test_the_picture_in_the_repository_is_the_scenes_of_today(drawn):
    assert FILE.read_text(encoding="utf-8") == drawn, "run `python -m agent.panel.gallery agent/panel/scenes.svg`"


def test_every_scene_is_named_and_explained_in_both_languages(page):
    words = " ".join(text.text for text in page.iter(f"{SVG}text"))
    assert set(CAPTIONS) == set(Scene)
    for captions in CAPTIONS.values():
        for caption in captions:
            assert caption.name in words
            assert caption.look in words
            assert caption.meaning in words


def test_every_led_of_every_scene_is_drawn_at_every_moment_and_once_for_a_single_led(page):
    cores = [circle for circle in page.iter(f"{SVG}circle") if circle.get("r") == "5"]
    assert len(cores) == len(Scene) * len(MOMENTS) * (LEDS + 1)


def test_a_picture_needs_nothing_from_elsewhere(page):
    assert {element.tag.removeprefix(SVG) for element in page.iter()} == {
        "svg", "style", "rect", "path", "text", "circle",
    }  # fmt: skip


@pytest.mark.parametrize("caption", [*chain.from_iterable(CAPTIONS.values())], ids=lambda caption: caption.name)
def test_words_fit_their_column_and_row(caption):
    assert len(caption.name) <= 25
    assert len(caption.look) <= 36
    assert len(wrap(caption.meaning, LETTERS)) <= 3
