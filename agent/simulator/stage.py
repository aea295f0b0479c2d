"""The stage on which a lesson is played: student, button, link and relay do what each step says, when it says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol, assert_never

from agent.errors import AgentError, BadInput
from agent.session.effects import Scene
from agent.simulator.button import FingerButton
from agent.simulator.lesson import (
    Accept,
    Close,
    Cut,
    Lesson,
    Press,
    Progress,
    Refuse,
    Release,
    Say,
    Speak,
    Stall,
    Step,
    Wait,
    When,
)
from agent.simulator.microphone import FileMicrophone
from agent.simulator.timeline import Record, Timeline
from agent.simulator.wav import read_wav
from agent.units import Pcm

LISTEN_S: Final = 0.02
"""How often the stage looks whether the student has said all: within two periods of the microphone."""

FINGER_S: Final = 0.15
"""From the last word to the finger that comes up."""


class LessonStuck(AgentError):
    """What a step waits for did not come: the lesson failed, the file is fine."""


class FarEnd(Protocol):
    """The levers of a relay of our own."""

    async def cut(self) -> None:
        """Abort every connection, without a word."""

    async def stall(self, seconds: float) -> None:
        """Let nothing through for so long."""

    async def close_all(self, code: int | None) -> None:
        """Close every connection with this code."""

    async def refuse(self, status: int | None, retry_after: int | None = None) -> None:
        """Answer whoever dials with this status; None lets them in again."""


class Stage:
    """
    Plays one lesson. Event loop only.

    Args:
        lesson: Whose recordings are read now, so that a bad one is found before anything begins.
        microphone: Hears the student.
        button: Under the student's finger.
        far_end: None when the relay is not ours to command.
        timeline: Followed for what has come true; told when the student speaks.

    Raises:
        BadInput: If a recording is not usable, or a step needs a relay of our own and there is none.

    """

    def __init__(
        self,
        lesson: Lesson,
        microphone: FileMicrophone,
        button: FingerButton,
        far_end: FarEnd | None,
        timeline: Timeline,
    ) -> None:
        self._lesson, self._microphone, self._button = lesson, microphone, button
        self._far_end, self._timeline = far_end, timeline
        self._speech = recordings(lesson.step)
        self._progress = Progress()
        self._news = asyncio.Event()
        self._voices: list[asyncio.Task[None]] = []
        timeline.follow(self._heard_of)
        if far_end is None:
            _check_needs_no_far_end(lesson.step)

    async def play(self) -> None:
        """
        Play it to its end.

        Raises:
            LessonStuck: If a step waited too long.

        """
        for number, step in enumerate(self._lesson.step, 1):
            if step.when is not None:
                await self._until(step.when, number)
            await asyncio.sleep(step.after_s)
            self._timeline.note("lesson", step=number, do=step.do)
            await self._do(step)
        await asyncio.gather(*self._voices)

    def _heard_of(self, record: Record) -> None:
        self._progress.told(record)
        self._news.set()

    async def _until(self, when: When, number: int) -> None:
        try:
            async with asyncio.timeout(self._lesson.patience_s):
                while not self._progress.is_true(when):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            wanted = when.value if isinstance(when, Scene) else when
            raise LessonStuck(f"step {number} waited {self._lesson.patience_s:g} s for {str(wanted)!r}") from None

    async def _do(self, step: Step) -> None:
        match step:
            case Press():
                self._button.press()
            case Release():
                self._button.release()
            case Say(wav=wav):
                self._voices.append(asyncio.create_task(self._say(wav)))
            case Speak(wav=wav):
                await self._speak(wav)
            case Wait():
                pass
            case Cut() | Stall() | Close() | Refuse() | Accept():
                await self._pull(step)
            case _:
                assert_never(step)

    async def _pull(self, step: Cut | Stall | Close | Refuse | Accept) -> None:
        far_end = self._far_end
        if far_end is None:
            return
        match step:
            case Cut():
                await far_end.cut()
            case Stall(for_s=seconds):
                await far_end.stall(seconds)
            case Close(code=code):
                await far_end.close_all(code)
            case Refuse(status=status, retry_after_s=wish):
                await far_end.refuse(status, None if wish is None else round(wish))
            case Accept():
                await far_end.refuse(None)

    async def _speak(self, wav: Path) -> None:
        self._button.press()
        await self._say(wav)
        await asyncio.sleep(FINGER_S)
        self._button.release()

    async def _say(self, wav: Path) -> None:
        self._timeline.note("voice", on=True)
        self._microphone.say(self._speech[wav])
        while not self._microphone.said_all():  # noqa: ASYNC110 - the capture thread has no loop to set an event on
            await asyncio.sleep(LISTEN_S)
        self._timeline.note("voice", on=False)


def recordings(steps: Sequence[Step]) -> dict[Path, Pcm]:
    """Read all that will be said."""
    return {wav: read_wav(wav) for wav in {step.wav for step in steps if isinstance(step, Say | Speak)}}


def _check_needs_no_far_end(steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps, 1):
        if isinstance(step, Cut | Stall | Close | Refuse | Accept):
            raise BadInput(f"step {number}", f"{step.do!r} with --relay", "a relay of the simulator's own for that")
