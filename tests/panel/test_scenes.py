from functools import cache
from itertools import combinations

import numpy as np
import pytest

from agent.panel.scenes import picture
from agent.session.effects import LISTENING_SCENES, Scene
from agent.units import Seconds

LIT = [scene for scene in Scene if scene is not Scene.DARK]
RINGS = (1, 12, 24)
FRAMES_PER_SECOND = 20


@cache
def film(scene, leds):
    """Five seconds as the ring gets them: shape (frames, leds, 3)."""
    frames = [picture(scene, Seconds(n / FRAMES_PER_SECOND), 0.0, leds) for n in range(5 * FRAMES_PER_SECOND)]
    return np.array(frames, float)


def brightness(colours):
    return np.asarray(colours, float).mean(axis=-1) / 255


def peaks(course, least):
    """When a course of brightness turned back down; wiggles smaller than `least` are none."""
    rising, extreme, found = True, course[0], []
    for n, value in enumerate(course):
        if (value > extreme) == rising:
            extreme = value
        elif abs(value - extreme) > least:
            found += [n] if rising else []
            rising, extreme = not rising, value
    return found


def tint(scene):
    """The mean colour of a scene, with brightness taken out."""
    mean = film(scene, 24).mean(axis=(0, 1))
    return mean / mean.sum()


def shape(scene):
    """Where and when a scene is bright, with colour and overall brightness taken out."""
    course = brightness(film(scene, 24))
    return course / course.max()


def too_close(values, least):
    return [(a, b) for a, b in combinations(LIT, 2) if np.abs(values[a] - values[b]).max() < least]


@pytest.mark.parametrize("scene", LISTENING_SCENES)
@pytest.mark.parametrize("leds", RINGS)
def test_the_light_is_on_before_the_microphone_is(scene, leds):
    assert brightness(picture(scene, Seconds(0), 0.0, leds)).min() > 0.08


def test_every_scene_has_a_colour_of_its_own():
    tints = {scene: tint(scene) for scene in LIT}
    assert too_close(tints, least=0.1) == [(Scene.LISTENING, Scene.LISTENING_OFFLINE)]


def test_every_scene_is_told_apart_without_seeing_colour():
    assert too_close({scene: shape(scene) for scene in LIT}, least=0.25) == []


def test_one_led_tells_all_scenes_apart():
    assert too_close({scene: film(scene, 1) for scene in LIT}, least=25) == []


def test_listening_without_a_link_is_listening_with_an_amber_mark():
    differs = (film(Scene.LISTENING, 24) != film(Scene.LISTENING_OFFLINE, 24)).any(axis=2)
    assert 1 <= differs[0].sum() <= differs.sum(axis=1).max() <= 8
    red, _, blue = picture(Scene.LISTENING_OFFLINE, Seconds(0.5), 0.0, 24)[0]
    assert red > 2 * blue


@pytest.mark.parametrize("scene", LIT)
@pytest.mark.parametrize("leds", RINGS)
def test_nothing_flashes_above_3_hz(scene, leds):
    lights = brightness(film(scene, leds))
    for course in [*lights.T.tolist(), lights.mean(axis=1).tolist()]:
        found = peaks(course, least=0.01)
        assert all(fourth - first >= FRAMES_PER_SECOND for first, fourth in zip(found, found[3:], strict=False))


@pytest.mark.parametrize("scene", LIT)
def test_a_voice_as_fast_as_it_likes_makes_no_flash(scene):
    quiet, loud = (brightness(picture(scene, Seconds(1), level, 12)) for level in (0.0, 1.0))
    assert np.abs(loud - quiet).max() < 0.1


@pytest.mark.parametrize("scene", LIT)
@pytest.mark.parametrize("leds", RINGS)
def test_the_ring_never_draws_more_than_a_fifth_of_its_current(scene, leds):
    loudest = [picture(scene, Seconds(n / 4), 7.0, leds) for n in range(40)]
    assert np.max(np.sum(loudest, axis=(1, 2))) <= 0.2 * 255 * 3 * leds
    assert np.min(loudest) >= 0


@pytest.mark.parametrize("scene", [Scene.LISTENING, Scene.LISTENING_OFFLINE, Scene.SPEAKING])
def test_a_voice_brightens_the_ring(scene):
    quiet, loud = (brightness(picture(scene, Seconds(1), level, 12)).sum() for level in (0.0, 1.0))
    assert loud > 1.3 * quiet


def test_dark_is_black():
    assert set(picture(Scene.DARK, Seconds(1), 1.0, 24)) == {(0, 0, 0)}
