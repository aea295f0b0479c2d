"""The hand on the button: what bounces, is lost or was down already still becomes the right facts."""

import asyncio

from agent.hand import Hand
from agent.panel.press import Pressed, Released
from agent.session.events import ButtonStuck
from agent.simulator.button import FingerButton
from tests.clock import jumping


def watched(*moves, bounce=()):
    """What a hand tells of moves: (seconds since the last one, "press" or "release" or "lift unseen")."""

    async def watch():
        clock = asyncio.get_running_loop().time
        button, told = FingerButton(clock, bounce), []
        if moves and moves[0] == "down at start":
            button.press()
        hand = asyncio.create_task(Hand(button, clock, told.append).run())
        for wait, move in (move for move in moves if move != "down at start"):
            await asyncio.sleep(wait)
            getattr(button, move)()
        await asyncio.sleep(0.2)
        hand.cancel()
        await asyncio.wait([hand])
        return told

    return jumping(watch())


def kinds(told):
    return [type(fact) for fact in told]


def test_a_press_and_a_release_are_told_with_their_moments():
    told = watched((1.0, "press"), (0.5, "release"))
    assert told == [Pressed(1.0), Released(1.5)]


def test_a_contact_that_chatters_is_one_press():
    told = watched((1.0, "press"), (0.5, "release"), bounce=(0.001, 0.003, 0.005, 0.006))
    assert kinds(told) == [Pressed, Released]


def test_a_button_that_is_down_at_start_is_a_fault_until_it_comes_up():
    assert kinds(watched("down at start", (1.0, "release"))) == [ButtonStuck, Released]


def test_a_button_held_for_two_minutes_is_a_fault():
    assert kinds(watched((1.0, "press"), (130.0, "release"))) == [Pressed, ButtonStuck, Released]
