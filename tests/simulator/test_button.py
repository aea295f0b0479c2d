import pytest

from agent.simulator.button import FingerButton
from tests.simulator.stepped import SteppedTime


def edges_of(button, *moves):
    told = []
    button.watch(lambda down, at: told.append((down, round(at - 1000.0, 4))))
    for move in moves:
        move()
    return told


def test_a_press_and_a_release_are_told_with_their_moments():
    clock = SteppedTime()
    button = FingerButton(clock)
    assert edges_of(button, button.press, lambda: clock.sleep(2), button.release) == [(True, 0.0), (False, 2.0)]


def test_a_finger_that_is_down_cannot_press_again():
    button = FingerButton(SteppedTime())
    assert edges_of(button, button.press, button.press) == [(True, 0.0)]


def test_a_bouncing_contact_settles_where_the_finger_is():
    button = FingerButton(SteppedTime(), bounce=(0.001, 0.004))
    assert edges_of(button, button.press) == [(True, 0.0), (False, 0.001), (True, 0.004)]
    assert button.is_down()


@pytest.mark.parametrize("bounce", [(0.001,), (0.004, 0.001)])
def test_a_bounce_that_does_not_settle_is_refused(bounce):
    with pytest.raises(ValueError, match="settles"):
        FingerButton(SteppedTime(), bounce)
