"""Who stands beside the Pi: asked to do things, and what they see."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol

import pytest


class LeftOut(pytest.skip.Exception):
    """Not checked because somebody wished so: by an option, or in the settings."""


def lacking(reason: str) -> pytest.skip.Exception:
    """Not checked because something is not here: raise it."""
    return pytest.skip.Exception(reason)


def left_out(reason: str) -> LeftOut:
    """Not checked, as was wished: raise it."""
    return LeftOut(reason)


class Deed(enum.Enum):
    """What a person can be asked to do."""

    PRESS = "press the button and keep it down"
    RELEASE = "let the button go"
    PRESS_OFTEN = "press the button and let it go, again and again, as a child would"
    SPEAK_LOUDLY = "for five seconds, say 'uno, dos, tres' as loud as a child would, a hand's width from the microphone"
    MEASURE = "hold a sound level meter, A-weighted and slow, where a student's head will be"
    UNPLUG = "pull the USB plug of microphone and speaker out"
    PLUG = "put the USB plug back where it was"


class Person(Protocol):
    """Somebody to ask."""

    def does(self, deed: Deed) -> None:
        """Ask for something; return when it is done."""

    def begins(self, deed: Deed) -> None:
        """Ask for something; return at once."""

    def sees(self, question: str) -> bool:
        """Ask whether something is so."""

    def reads(self, question: str) -> float | None:
        """Ask for a number; None if the person has none to give."""


class Somebody:
    """
    A person at the terminal.

    Args:
        ask: Shows a text, and returns the line that is typed behind it.
        tell: Shows a text.

    """

    def __init__(self, ask: Callable[[str], str], tell: Callable[[str], None]) -> None:
        self._ask, self._tell = ask, tell

    def does(self, deed: Deed) -> None:
        """Ask for something; return when Enter was pressed."""
        self._ask(f"Please {deed.value}; Enter when done: ")

    def begins(self, deed: Deed) -> None:
        """Ask for something; return at once."""
        self._tell(f"Please {deed.value}.")

    def sees(self, question: str) -> bool:
        """Ask until the answer is one of y, n, s (for "sí")."""
        while True:
            answer = self._ask(f"{question} [y/n] ").strip().lower()[:1]
            if answer and answer in "ysn":
                return answer != "n"

    def reads(self, question: str) -> float | None:
        """Ask until the answer is a number or empty."""
        while True:
            answer = self._ask(f"{question} (empty: not measured) ").strip().replace(",", ".")
            if not answer:
                return None
            try:
                return float(answer)
            except ValueError:
                self._tell("A number, please.")


class Nobody:
    """Nobody is there, or wants to be asked: what needs a person is not checked."""

    def __init__(self, absence: pytest.skip.Exception) -> None:
        self._absence = absence

    def does(self, deed: Deed) -> None:
        """Say why not."""
        raise self._absence

    def begins(self, deed: Deed) -> None:
        """Say why not."""
        raise self._absence

    def sees(self, question: str) -> bool:
        """Say why not."""
        raise self._absence

    def reads(self, question: str) -> float | None:
        """Say why not."""
        raise self._absence
