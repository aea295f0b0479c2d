"""
The spine: every part is built here, wired here, started and stopped here.

    microphone -> capture -> link.uplink -> (relay) -> link.downlink -> jitter buffer -> playout -> speaker
    button -> press -> policy -> [inbox] -> session -> orders -> capture, playout, link      scene -> lights -> ring
"""

from __future__ import annotations

import asyncio
import gc
import random
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, closing
from typing import Final

from agent.audio.capture import Capture
from agent.audio.jitter_buffer import JitterBuffer
from agent.audio.level import Meter
from agent.audio.limiter import Limiter
from agent.audio.playout import Playout, Silenced
from agent.controller import Controller
from agent.devices.ports import Devices, Plug
from agent.devices.wake import EventWake
from agent.errors import DeviceError
from agent.hand import Hand
from agent.lights import Lights
from agent.link.backoff import Failure, verdict
from agent.link.downlink import Arrival
from agent.link.link import Link
from agent.link.messages import VoiceStarted
from agent.link.reason import reason
from agent.link.transport import Transport
from agent.link.uplink import Uplink
from agent.observer import Observer
from agent.panel.press import Fact, Pressed, Released
from agent.prompts.book import Prompter
from agent.session.effects import LISTENING_SCENES, Scene
from agent.session.events import (
    ButtonStuck,
    Event,
    LinkUp,
    MicrophoneBack,
    MicrophoneLost,
    ReplyAudible,
    ReplyDrained,
    ReplyFailed,
    ReplyLimited,
    RingBack,
    RingLost,
    SpeakerBack,
    SpeakerLost,
    StopAsked,
    UtteranceLost,
    UtteranceRefused,
    UtteranceSent,
)
from agent.session.machine import Patience, Session
from agent.session.memory import Memory
from agent.session.policy import PushToTalk, TurnPolicy
from agent.settings import Settings
from agent.threads import repeating, undisturbed
from agent.units import Chunk, EndOfUtterance, Frame, Seconds, Turn, milliseconds

FAREWELL_S: Final = 0.3
"""After the order to stop: the fade, the ring's darkness and the close frame are out well within this."""


TIDY_EVERY_S: Final = 60.0
"""A failed dial leaves 11 kB of cyclic garbage (300 refused ones: 3.2 MB), and the collector is off. Once a minute,
between turns, it takes a millisecond or two that nobody hears."""

PLUG_FACTS: Final[dict[Plug, tuple[Event, Event]]] = {
    Plug.MICROPHONE: (MicrophoneLost(), MicrophoneBack()),
    Plug.SPEAKER: (SpeakerLost(), SpeakerBack()),
}
"""What the session is told when a device was pulled out, and when it was found."""

Repeat = Callable[
    [dict[str, Callable[[], None]], Callable[[BaseException], None], Callable[[], None]], AbstractContextManager[None]
]
"""Does steps over and over while its context lasts, as `agent.threads.repeating` does."""


def monotonic() -> Seconds:
    """The clock of everything: never set, never stepped."""
    return Seconds(time.monotonic())


class Agent:
    """
    One agent, wired. Built on the event loop.

    Args:
        devices: Everything with a plug.
        dial: Connects to the relay, authenticated; raises DialFailed.
        settings: Read once.
        observer: Told what happens.
        clock: Monotonic.

    """

    def __init__(
        self,
        devices: Devices,
        dial: Callable[[], Awaitable[Transport]],
        settings: Settings,
        observer: Observer,
        clock: Callable[[], Seconds] = monotonic,
    ) -> None:
        self._observer = observer
        self._loop = asyncio.get_running_loop()
        self._policy: TurnPolicy = PushToTalk()
        self._over: asyncio.Future[None] = self._loop.create_future()
        patience = settings.turn
        self.session = Session(
            Patience(
                utterance=Seconds(patience.max_utterance_s),
                offline=Seconds(patience.offline_patience_s),
                response=Seconds(patience.response_patience_s),
            )
        )
        self.student, self.tutor = Meter(), Meter()
        self.capture = Capture(devices.microphone, self._from_capture, self.student, clock)
        self._wake = EventWake()
        self._sounding: Turn | None = None
        self._buffer, self._stalled = JitterBuffer(), 0
        self.playout = Playout(
            devices.speaker,
            self._wake,
            self._buffer,
            Limiter(settings.audio.ceiling_dbfs),
            self.tutor,
            self._from_playout,
            clock,
        )
        self.link = Link(
            dial,
            Uplink(Seconds(patience.offline_speech_s)),
            Memory(),
            session_patience=Seconds(settings.relay.session_patience_s),
            clock=clock,
            random=random.random,
            arrived=self._arrived,
            tell=self.tell,
            note=self._link_failed,
        )
        self.lights = Lights(
            devices.ring,
            clock,
            lambda scene: _loudness(scene, student=self.student.level, tutor=self.tutor.level),
            self._ring_seen,
        )
        self.hand = Hand(devices.button, clock, self._moved)
        devices.plugs.watch(self._from_plug)
        prompter = Prompter(settings.language)
        self.controller = Controller(
            self.session, self.lights, self.capture, self.playout, self.link, prompter, observer, clock
        )

    async def run(self, repeat: Repeat = repeating) -> None:
        """
        Be an agent until told to stop.

        Args:
            repeat: What does the audio steps: threads, or whoever owns the time.

        Raises:
            Exception: Whatever ended an audio thread.

        """
        steps = {"capture": self.capture.step, "playout": self.playout.step}
        parts = (self.controller.run, self.lights.run, self.hand.run, self.link.run, self._tidy)
        with closing(self._wake), undisturbed(), repeat(steps, self._thread_failed, self._wake.set):
            tasks = [self._loop.create_task(part()) for part in parts]
            for task in tasks:
                task.add_done_callback(self._task_ended)
            try:
                await self._over
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)

    async def stop(self) -> None:
        """Close the gate, fade out, go dark, hang up; `run` returns."""
        self.tell(StopAsked())
        await asyncio.sleep(FAREWELL_S)
        self._end(None)

    def tell(self, event: Event) -> None:
        """Tell the session a fact, and the observers what they ought to know of it."""
        match event:
            case UtteranceSent(turn):
                self._observer.note("commit", turn=turn)
            case ReplyAudible(turn):
                self._sounding = turn
                self._observer.note("sound", turn=turn)
            case ReplyDrained(turn) if turn == self._sounding:  # an end that comes after a silence ends nothing
                self._sounding = None
                self._note_stalls(turn)
                self._observer.note("heard", turn=turn)
            case UtteranceLost(turn) | ReplyFailed(turn) | ReplyLimited(turn) | UtteranceRefused(turn):
                self._observer.note("unanswered", turn=turn, why=type(event).__name__)
            case LinkUp():
                self._observer.note("link", up=True, why="")
            case _:
                pass
        self.controller.tell(event)

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_EVERY_S)
            if self.session.is_resting:
                gc.collect()

    def _end(self, trouble: BaseException | None) -> None:
        if self._over.done():
            return
        if trouble is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(trouble)

    def _thread_failed(self, trouble: BaseException) -> None:
        self._loop.call_soon_threadsafe(self._end, trouble)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception():
            self._end(task.exception())

    def _on_loop(self, call: Callable[..., None], *facts: object) -> None:
        """From a thread: have the loop do it. What it raises ends the agent; the loop alone would log it and go on."""

        def watched() -> None:
            try:
                call(*facts)
            except Exception as bug:  # noqa: BLE001 - whatever it is, an agent that lost speech to it must not go on
                self._end(bug)

        self._loop.call_soon_threadsafe(watched)

    def _from_capture(self, captured: Frame | EndOfUtterance) -> None:
        if isinstance(captured, Frame):
            self._on_loop(self.link.speech, captured)
        else:
            self._on_loop(self.link.end, captured)

    def _from_playout(self, told: ReplyAudible | ReplyDrained | Silenced) -> None:
        if isinstance(told, Silenced):
            self._on_loop(self._silenced, told)
        else:
            self._on_loop(self.tell, told)

    def _from_plug(self, plug: Plug, what: DeviceError | str) -> None:
        self._on_loop(self._plugged, plug, what)

    def _plugged(self, plug: Plug, what: DeviceError | str) -> None:
        lost, found = PLUG_FACTS[plug]
        is_lost = isinstance(what, DeviceError)
        self._observer.note("device", which=plug.value, found=not is_lost, what=str(what))
        self.tell(lost if is_lost else found)

    def _ring_seen(self, trouble: DeviceError | None) -> None:
        self._observer.note("device", which="ring", found=trouble is None, what=str(trouble or "shows again"))
        self.tell(RingLost() if trouble else RingBack())

    def _silenced(self, silenced: Silenced) -> None:
        self.link.silenced(silenced.heard)
        if self._sounding is not None:
            self._note_stalls(self._sounding)
            self._observer.note("silence", at=silenced.at, turn=self._sounding)
        self._sounding = None

    def _note_stalls(self, turn: Turn) -> None:
        """The playout thread counts, the loop reports: what was silent in the middle of the reply that is over."""
        stalled, self._stalled = self._buffer.stalled_samples - self._stalled, self._buffer.stalled_samples
        if stalled:
            self._observer.note("stall", turn=turn, ms=milliseconds(stalled))

    def _arrived(self, follows: Arrival) -> None:
        for piece in follows.audio:
            if isinstance(piece, Chunk):
                self._observer.note("delta", at=piece.at, turn=piece.turn, samples=len(piece.pcm))
                self.playout.play(piece)
            else:
                self.playout.end(piece)
        for fact in follows.facts:
            self.tell(fact)
        for voice in follows.voices:
            began = isinstance(voice, VoiceStarted)
            self._hand_on(self._policy.voice_started() if began else self._policy.voice_stopped())
        for kind in follows.first_of_kind:
            self._observer.note("trouble", name=kind)

    def _moved(self, fact: Fact) -> None:
        match fact:
            case Pressed(at):
                self._observer.note("button", at=at, down=True)
                self._hand_on(self._policy.pressed())
            case Released(at):
                self._observer.note("button", at=at, down=False)
                self._hand_on(self._policy.released())
            case ButtonStuck():
                self._observer.note("trouble", name="the button does not come up")
                self.tell(fact)

    def _hand_on(self, event: Event | None) -> None:
        if event is not None:
            self.tell(event)

    def _link_failed(self, failure: Failure, delay: Seconds) -> None:
        judged = verdict(failure).value
        self._observer.note("link", up=False, why=reason(failure), verdict=judged, retry_ms=round(delay * 1000))


def _loudness(scene: Scene, *, student: float, tutor: float) -> float:
    if scene in LISTENING_SCENES:
        return student
    return tutor if scene is Scene.SPEAKING else 0.0


def stop_on_signals(agent: Agent) -> None:
    """End the agent politely on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    farewells: set[asyncio.Task[None]] = set()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: farewells.add(loop.create_task(agent.stop())))
