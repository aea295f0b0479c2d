"""
The spine: every part is built here, wired here, started and stopped here.

    microphone -> capture -> link.uplink -> (relay) -> link.downlink -> jitter buffer -> playout -> speaker
    button -> press -> policy -> [inbox] -> session -> orders -> capture, playout, link      scene -> lights -> ring
    all of them -> tidings -> observers      capture, playout -> pulses -> who watches over the process
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from functools import partial
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
from agent.health.record import Now
from agent.life import Life, Part, Repeat, tidy
from agent.lights import Lights
from agent.link.downlink import Arrival
from agent.link.link import Link
from agent.link.messages import VoiceStarted
from agent.link.transport import Transport
from agent.link.uplink import Uplink
from agent.liveness import Pulse, beating
from agent.observer import Observer
from agent.panel.press import Fact, Pressed, Released
from agent.prompts.book import Prompter
from agent.session.effects import LISTENING_SCENES, Scene
from agent.session.events import (
    ButtonStuck,
    Event,
    MicrophoneBack,
    MicrophoneLost,
    ReplyAudible,
    ReplyDrained,
    RingBack,
    RingLost,
    SpeakerBack,
    SpeakerLost,
    StopAsked,
)
from agent.session.machine import Patience, Session
from agent.session.memory import Memory
from agent.session.policy import PushToTalk, TurnPolicy
from agent.settings import Settings
from agent.threads import repeating
from agent.tidings import Counts, Tidings
from agent.units import Chunk, EndOfUtterance, Frame, Seconds, milliseconds

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
        self._clock = clock
        self._life = Life()
        self.pulses = Pulse("capture"), Pulse("playout")
        self._policy: TurnPolicy = PushToTalk()
        self._tidings = Tidings(observer, self._counts, lambda: self.link.round_trip)
        patience = settings.turn
        self.session = Session(
            Patience(
                utterance=Seconds(patience.max_utterance_s),
                offline=Seconds(patience.offline_patience_s),
                response=Seconds(patience.response_patience_s),
            )
        )
        self.student, self.tutor = Meter(), Meter()
        self._microphone = devices.microphone
        self.capture = Capture(devices.microphone, self._from_capture, self.student, clock)
        self._wake = EventWake()
        self._buffer = JitterBuffer()
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
            note=self._tidings.link_down,
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

    async def run(self, repeat: Repeat = repeating, beside: Sequence[Part] = ()) -> None:
        """
        Be an agent until told to stop.

        Args:
            repeat: What does the audio steps: threads, or whoever owns the time.
            beside: What else is to run on the loop as long as the agent does, and ends it with what it raises.

        Raises:
            Exception: Whatever ended an audio thread, or a part.
            ThreadHangsError: If an audio thread did not end.

        """
        audio = zip(self.pulses, (self.capture.step, self.playout.step), strict=True)
        steps = {pulse.name: beating(pulse, step, self._clock) for pulse, step in audio}
        tidying = partial(tidy, TIDY_EVERY_S, lambda: self.session.is_resting)
        parts: tuple[Part, ...] = (self.controller.run, self.lights.run, self.hand.run, self.link.run, tidying, *beside)
        with closing(self._wake):
            await self._life.live(parts, steps, self._wake.set, repeat)

    async def stop(self) -> None:
        """Close the gate, fade out, go dark, hang up; `run` returns."""
        self.tell(StopAsked())
        await asyncio.sleep(FAREWELL_S)
        self._life.end()

    def tell(self, event: Event) -> None:
        """Tell the session a fact, and the observers what they ought to know of it."""
        self._tidings.event(event)
        self.controller.tell(event)

    def now(self) -> Now:
        """What it is doing."""
        return Now(
            state=self.session.state.value,
            scene=self.lights.scene.value,
            turn=self.session.turn,
            student_level=self.student.level,
            tutor_level=self.tutor.level,
            depth_ms=milliseconds(self.playout.depth),
        )

    def _counts(self) -> Counts:
        return Counts(
            stalled=self._buffer.stalled_samples,
            concealed=self._buffer.concealed_samples,
            underruns=self.playout.underruns,
            overruns=self._microphone.overruns,
        )

    def _from_capture(self, captured: Frame | EndOfUtterance) -> None:
        self._life.on_loop(self.link.speech if isinstance(captured, Frame) else self.link.end, captured)

    def _from_playout(self, told: ReplyAudible | ReplyDrained | Silenced) -> None:
        self._life.on_loop(self._silenced if isinstance(told, Silenced) else self.tell, told)

    def _from_plug(self, plug: Plug, what: DeviceError | str) -> None:
        self._life.on_loop(self._plugged, plug, what)

    def _plugged(self, plug: Plug, what: DeviceError | str) -> None:
        lost, found = PLUG_FACTS[plug]
        is_lost = isinstance(what, DeviceError)
        self._tidings.device(plug.value, str(what), found=not is_lost)
        self.tell(lost if is_lost else found)

    def _ring_seen(self, trouble: DeviceError | None) -> None:
        self._tidings.device("ring", str(trouble or "shows again"), found=trouble is None)
        self.tell(RingLost() if trouble else RingBack())

    def _silenced(self, silenced: Silenced) -> None:
        self.link.silenced(silenced.heard)
        self._tidings.silenced(silenced.at)

    def _arrived(self, follows: Arrival) -> None:
        for piece in follows.audio:
            if isinstance(piece, Chunk):
                self._tidings.arrived(piece)
                self.playout.play(piece)
            else:
                self.playout.end(piece)
        for fact in follows.facts:
            self.tell(fact)
        for voice in follows.voices:
            began = isinstance(voice, VoiceStarted)
            self._hand_on(self._policy.voice_started() if began else self._policy.voice_stopped())
        for kind in follows.first_of_kind:
            self._tidings.unknown(kind)

    def _moved(self, fact: Fact) -> None:
        match fact:
            case Pressed(at):
                self._tidings.moved(at, down=True)
                self._hand_on(self._policy.pressed())
            case Released(at):
                self._tidings.moved(at, down=False)
                self._hand_on(self._policy.released())
            case ButtonStuck():
                self.tell(fact)

    def _hand_on(self, event: Event | None) -> None:
        if event is not None:
            self.tell(event)


def _loudness(scene: Scene, *, student: float, tutor: float) -> float:
    if scene in LISTENING_SCENES:
        return student
    return tutor if scene is Scene.SPEAKING else 0.0
