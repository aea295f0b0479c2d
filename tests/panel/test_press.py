import pytest

from agent.panel.press import Press, Pressed, Released
from agent.session.events import ButtonStuck


def told(edges, until, begin=False, lost=()):
    """
    What a press says of a contact that changes like this, looked at whenever it wants to be.

    The button begins up or down (`begin`); edges at the moments in `lost` change the level without being reported.
    """
    press, facts, now, level, pending = Press(), [], 0.0, begin, list(edges)
    while now <= until:
        look_at = press.wants_look_at(now)
        if pending and pending[0][0] <= look_at:
            now, level = pending.pop(0)
            fact = None if now in lost else press.edge(level, now)
        else:
            now = look_at
            fact = press.look(level, now)
        facts += [fact] if fact else []
    return facts


def test_chatter_is_one_press():
    edges = [(1.0, True), (1.004, False), (1.007, True), (1.3, False), (1.302, True), (1.303, False)]
    assert told(edges, 2.0) == [Pressed(1.0), Released(1.3)]


def test_a_press_counts_at_its_first_edge():
    press = Press()
    assert press.look(False, 0.0) is None
    assert press.edge(True, 0.5) == Pressed(0.5)


def test_a_tap_shorter_than_the_deaf_time_is_released_at_its_end():
    assert told([(1.0, True), (1.01, False)], 2.0) == [Pressed(1.0), Released(pytest.approx(1.03))]


def test_a_quick_double_press_is_two_presses():
    edges = [(1.0, True), (1.04, False), (1.08, True), (1.12, False)]
    assert told(edges, 2.0) == [Pressed(1.0), Released(1.04), Pressed(1.08), Released(1.12)]


def test_a_press_within_the_deaf_time_of_a_release_is_found_at_its_end():
    edges = [(1.0, True), (1.2, False), (1.21, True), (1.4, False)]
    assert told(edges, 2.0) == [Pressed(1.0), Released(1.2), Pressed(pytest.approx(1.23)), Released(1.4)]


@pytest.mark.parametrize("lost", [1.0, 1.5])
def test_a_lost_edge_is_found_within_a_tenth_of_a_second(lost):
    pressed, released = told([(1.0, True), (1.5, False)], 2.0, lost=(lost,))
    assert pressed.at == pytest.approx(1.05, abs=0.051)
    assert released.at == pytest.approx(1.55, abs=0.051)


def test_a_button_that_is_down_at_start_is_stuck_until_it_is_released():
    assert told([(300.0, False), (301.0, True)], 302.0, begin=True) == [ButtonStuck(), Released(300.0), Pressed(301.0)]


def test_a_press_before_the_first_look_is_no_stuck_button():
    press = Press()
    assert press.edge(False, 0.0) is None
    assert press.edge(True, 0.1) == Pressed(0.1)
    assert press.look(True, 0.2) is None


def test_a_button_held_for_two_minutes_is_stuck_once():
    facts = told([(1.0, True), (400.0, False), (401.0, True), (402.0, False)], 405.0)
    assert facts == [Pressed(1.0), ButtonStuck(), Released(400.0), Pressed(401.0), Released(402.0)]


def test_two_minutes_are_two_minutes():
    press = Press()
    press.edge(True, 10.0)
    assert press.look(True, 129.9) is None
    assert press.look(True, 130.0) == ButtonStuck()


def test_it_asks_to_be_looked_at():
    press = Press()
    assert press.wants_look_at(5.0) == 5.0
    press.look(False, 5.0)
    assert press.wants_look_at(6.0) == 6.1
    press.edge(True, 7.0)
    assert press.wants_look_at(7.01) == 7.03
    assert press.look(False, 7.01) is None
