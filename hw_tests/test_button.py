"""
The button: is it on its pin, which way round, and how much does its contact chatter.

Wiring. A normally open push button between the pin of `button.gpio_pin` (BCM; GPIO 17 is pin 11 of the header) and
ground (pin 9 is next to it), with `button.active_low = true`; no resistor, the Pi pulls the pin up. For a contact to
3.3 V (pin 1): `active_low = false`. Never to 5 V: that destroys the pin. A light in the button goes from
`button.led_gpio_pin` through 330 ohm to ground.

Safety. Nothing sounds, nothing is recorded. Wire with the power off.

Before. Nobody touches the button. All of it needs a person at the terminal (`--yes`: left out), who presses when told
and then 200 times, which takes two minutes.

If it fails. "is_down" before any press: the contact is the other way round (`active_low`), or stuck. A bounce of 30 ms
and more would be taken for two presses: clean or change the button, solder what is only twisted. Presses that the agent
counts and the edges do not, or the other way round: a loose wire.
"""

import asyncio

import pytest

from agent.hand import Hand
from agent.panel.press import DEBOUNCE, Pressed
from hw_tests.analysis import bounces, movements
from hw_tests.person import Deed
from tests.contracts.button import ButtonContract

pytestmark = pytest.mark.timeout(0)  # a person takes as long as a person takes

PRESSES = 200

GIVES_UP_S = 20
"""Without a press for so long, the person has gone, or the wire is off."""


@pytest.fixture
def button(corner):
    with corner.button() as button:
        yield button


@pytest.fixture
def press(person):
    return lambda: person.does(Deed.PRESS)


@pytest.fixture
def release(person):
    return lambda: person.does(Deed.RELEASE)


class TestButton(ButtonContract):
    """The contract that the simulated button keeps to as well."""

    @pytest.fixture(autouse=True)
    def let_go(self, button, release):
        """No test is left with a finger on the button."""
        yield
        release()


async def presses_told(button, clock, wanted):
    """As the agent tells them: wait for so many presses and the release of the last."""
    told = asyncio.Queue()
    hand = asyncio.create_task(Hand(button, clock, told.put_nowait).run())
    presses, button_is_up = [], True
    try:
        while len(presses) < wanted or not button_is_up:
            fact = await asyncio.wait_for(told.get(), GIVES_UP_S)
            button_is_up = not isinstance(fact, Pressed)
            presses += [] if button_is_up else [fact]
    except TimeoutError:
        pytest.fail(f"no press for {GIVES_UP_S} s, after {len(presses)} of {wanted}")
    finally:
        hand.cancel()
        button.close()  # whoever presses once more must not call a loop that has ended
    return presses


def test_two_hundred_presses_are_two_hundred_presses(button, person, clock, measured):
    edges = []
    button.watch(lambda down, at: edges.append((down, at)))
    person.begins(Deed.PRESS_OFTEN)
    told = asyncio.run(presses_told(button, clock, PRESSES))
    how = bounces(movements(edges, DEBOUNCE))
    measured("presses", how.presses)
    measured("releases", how.releases)
    measured("chattering", how.chattering)
    measured("worst bounce ms", 1000 * how.worst)
    measured("p95 bounce ms", 1000 * how.p95)
    assert how.worst < DEBOUNCE, "it chatters for longer than the agent waits"
    assert len(told) == how.presses, "what the agent was told is not what the contact did"
