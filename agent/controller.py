"""One inbox, one reader: facts meet the session here, and its orders become calls. The only place where they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import assert_never

from agent.audio.capture import Capture
from agent.audio.playout import Playout
from agent.lights import Lights
from agent.link.link import Link
from agent.observer import Observer
from agent.prompts.book import Prompter
from agent.session.effects import (
    LISTENING_SCENES,
    CancelReply,
    CloseGate,
    DropSpeech,
    Effect,
    HangUp,
    OpenGate,
    Prompt,
    Redial,
    Say,
    Scene,
    Show,
    Silence,
)
from agent.session.events import Event, Tapped, TimeUp, TurnOpened
from agent.session.machine import Session
from agent.session.table import AWAITING, State
from agent.units import Seconds, Turn


class Controller:
    """
    Carries the session's orders out. Event loop only.

    Args:
        session: The machine.
        lights: The ring.
        capture: The gate.
        playout: The speaker.
        link: The far end.
        prompter: The device's own voice.
        observer: Told what was done.
        clock: Monotonic.

    """

    def __init__(
        self,
        session: Session,
        lights: Lights,
        capture: Capture,
        playout: Playout,
        link: Link,
        prompter: Prompter,
        observer: Observer,
        clock: Callable[[], Seconds],
    ) -> None:
        self._session, self._lights, self._capture, self._playout = session, lights, capture, playout
        self._link, self._prompter, self._observer, self._clock = link, prompter, observer, clock
        self._inbox: asyncio.Queue[Event] = asyncio.Queue()
        self._gate: Turn | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._set_for = session.alarm

    def tell(self, event: Event) -> None:
        """Put a fact into the inbox."""
        self._inbox.put_nowait(event)

    async def run(self) -> None:
        """Read the inbox until cancelled."""
        self._carry_out(self._session.begin())
        while True:
            self._take(await self._inbox.get())

    def _take(self, event: Event) -> None:
        before = self._session.state
        orders = self._session.handle(event)
        self._note_end(before, event)
        self._carry_out(orders)

    def _note_end(self, before: State, event: Event) -> None:
        """Tell of a turn that ends without an answer, for whatever reason, and of one that was cut short."""
        turn = self._session.turn
        if before is State.LISTENING and isinstance(event, TimeUp) and self._session.state is not before:
            self._observer.note("too_long", turn=turn)
        if before in AWAITING and self._session.is_resting and not isinstance(event, Tapped | TurnOpened):
            self._observer.note("unanswered", turn=turn, why=type(event).__name__)

    def _carry_out(self, orders: tuple[Effect, ...]) -> None:
        for order in orders:
            self._perform(order)
        self._link.quiet(self._session.is_resting)
        if self._session.alarm != self._set_for:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        self._set_for, limit = self._session.alarm, self._session.limit
        time_up = TimeUp(self._set_for)
        loop = asyncio.get_running_loop()
        self._alarm = None if limit is None else loop.call_later(limit, self.tell, time_up)

    def _perform(self, order: Effect) -> None:
        match order:
            case Show(scene):
                self._show(scene)
            case OpenGate(turn):
                self._open_gate(turn)
            case CloseGate():
                self._close_gate()
            case DropSpeech():
                self._drop_speech()
            case Silence():
                self._playout.silence()
            case CancelReply():
                self._link.cancel_reply()
            case Say(prompt):
                self._say(prompt)
            case Redial():
                self._link.redial()
            case HangUp():
                self._link.hang_up()
            case _:
                assert_never(order)

    def _show(self, scene: Scene) -> None:
        self._lights.show(scene)
        self._observer.note("scene", name=scene.value)

    def _open_gate(self, turn: Turn) -> None:
        if self._lights.trouble or self._lights.scene not in LISTENING_SCENES:
            self._observer.note("trouble", name="no light, so no microphone")
            self.tell(Tapped(turn))  # nothing was heard, so nothing is to be sent
            return
        self._link.open(turn)
        self._capture.open(turn)
        self._gate = turn
        self._observer.note("gate", open=True, turn=turn)

    def _close_gate(self) -> None:
        self._capture.close()
        if self._gate is not None:
            self._observer.note("gate", open=False, turn=self._gate)
        self._gate = None

    def _drop_speech(self) -> None:
        if dropped := self._link.drop_speech():
            self._observer.note("dropped", turn=self._session.turn, ms=dropped)

    def _say(self, prompt: Prompt) -> None:
        pcm = self._prompter.choose(prompt, self._clock())
        if pcm is not None:
            self._playout.say(pcm)
            self._observer.note("prompt", name=prompt.value)
