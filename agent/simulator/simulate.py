"""The agent without a Pi: a room, a relay, a lesson and a screen around the very same agent."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from agent.app import Agent, monotonic
from agent.errors import BadInput
from agent.health.turns import Turns
from agent.journal import Journal
from agent.link.dialler import dialler
from agent.link.token import VARIABLE
from agent.link.transport import Transport
from agent.observer import Several
from agent.relay import settings as relay_settings
from agent.relay.registry import Registry
from agent.relay.server import Relay, Running
from agent.relay.serving import tutors
from agent.settings import Settings
from agent.simulator.keyboard import Keyboard
from agent.simulator.lesson import SPEECH, Lesson
from agent.simulator.room import Room
from agent.simulator.stage import Stage
from agent.simulator.terminal import Screen, View
from agent.simulator.timeline import Record, Timeline
from agent.simulator.wav import read_wav
from agent.units import milliseconds

SCREEN_S: Final = 0.1
"""The screen is drawn ten times a second: the ring's fades are slower, and a line over SSH carries it."""

KEYBOARD: Final = 0
"""Standard input."""

Dial = Callable[[], Awaitable[Transport]]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What to simulate.

    Args:
        lesson: None for a person at the keyboard.
        tutor: Of the simulator's own relay; None to dial the relay of the settings.
        alsa: A PCM name to use this machine's sound card; None for WAV files.
        recording: Where to write what the speaker played; None not to.

    """

    lesson: Lesson | None
    tutor: str | None
    alsa: str | None
    recording: Path | None


async def simulate(
    plan: Plan, settings: Settings, environ: Mapping[str, str], console: Console, timeline: Timeline
) -> None:
    """
    Live through a plan, in real time; what happened is on the timeline.

    Raises:
        BadInput: If something a person wrote is not usable, the token included.
        LessonStuck: If a step of the lesson waited in vain.
        DeviceError: If the sound card can not be used.

    """
    with ExitStack() as leaving:
        room = Room(settings.ring.leds, plan.alsa, plan.recording, timeline, leaving)
        async with _far_end(plan, settings, environ) as (dial, far_end):
            play = _performance(plan, room, far_end, timeline)
            screen = leaving.enter_context(Screen(console))
            journal = Journal(lambda message, _fields: screen.tell(message), monotonic)
            observer = Several(timeline, Turns(journal, monotonic))
            agent = Agent(room.devices, dial, settings, observer)
            await _live(agent, play, _draw(screen, agent, room), _refused(timeline, is_ours=far_end is not None))


@asynccontextmanager
async def _far_end(
    plan: Plan, settings: Settings, environ: Mapping[str, str]
) -> AsyncIterator[tuple[Dial, Running | None]]:
    """A relay of our own on loopback, or the one of the settings."""
    if plan.tutor is None:
        yield dialler(settings, environ, monotonic), None
        return
    chosen = relay_settings.load(environ, tutor=plan.tutor)
    with closing(Registry()) as registry:
        async with Relay(chosen, tutors(chosen), registry).serve("127.0.0.1", 0) as running:
            token = {VARIABLE: running.mint_token(settings.device_id)}
            yield dialler(settings.with_relay(running.url), token, monotonic), running


def _performance(plan: Plan, room: Room, far_end: Running | None, timeline: Timeline) -> Callable[[], Awaitable[None]]:
    if plan.lesson is not None and room.student is not None:
        return Stage(plan.lesson, room.student, room.button, far_end, timeline).play
    room.speak_when_listened_to([read_wav(wav) for wav in sorted(SPEECH.glob("*-short.wav"))])

    async def until_enough() -> None:
        enough = asyncio.Event()
        with Keyboard(KEYBOARD, room.button, enough.set):
            await enough.wait()

    return until_enough


async def _live(
    agent: Agent, play: Callable[[], Awaitable[None]], draw: Awaitable[None], refused: Awaitable[None]
) -> None:
    running = asyncio.ensure_future(agent.run())
    others = [asyncio.ensure_future(part) for part in (play(), draw, refused)]
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, others[0].cancel)  # what was recorded so far is worth keeping
    try:
        await asyncio.wait({running, others[0], others[2]}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await agent.stop()
        await running
        for part in (others[0], others[2]):
            if part.done() and not part.cancelled():
                part.result()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        for part in (running, *others):
            part.cancel()
        await asyncio.wait([running, *others])


async def _draw(screen: Screen, agent: Agent, room: Room) -> None:
    while True:
        await asyncio.sleep(SCREEN_S)
        screen.show(
            View(
                colours=room.ring.colours,
                scene=agent.lights.scene,
                turn=agent.session.turn,
                link="up" if agent.link.is_up else "down",
                mic_level=agent.student.level,
                speaker_level=agent.tutor.level,
                depth_ms=milliseconds(agent.playout.depth),
            )
        )


async def _refused(timeline: Timeline, *, is_ours: bool) -> None:
    """Wait until somebody else's relay refuses our token, which no simulation can cure."""
    news: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def told(record: Record) -> None:
        if record.facts.get("verdict") == "refused" and not is_ours and not news.done():
            news.set_result(str(record.facts["why"]))

    timeline.follow(told)
    raise BadInput("device token", await news, f"one that the relay knows, in relay.token_file or {VARIABLE}")
