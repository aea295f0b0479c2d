"""The session, the uplink, the turns and the downlink, driven together against the model of the service."""

from collections import Counter, defaultdict, deque
from itertools import count

import numpy as np

from agent.link.downlink import Downlink
from agent.link.messages import Commit, CreateResponse, ResponseDone, ServerError
from agent.link.turns import Turns
from agent.link.uplink import Uplink
from agent.session.effects import CancelReply, CloseGate, DropSpeech, OpenGate, Redial, Say, Scene, Show, Silence
from agent.session.events import (
    ButtonStuck,
    ClockWrong,
    LinkLimited,
    LinkLost,
    LinkRefused,
    LinkUp,
    ReplyArrived,
    ReplyAudible,
    ReplyDrained,
    ReplyFailed,
    ReplyLimited,
    Tapped,
    TimeUp,
    TurnClosed,
    TurnOpened,
    UtteranceLost,
    UtteranceRefused,
    UtteranceSent,
)
from agent.session.machine import Patience, Session, State
from agent.session.memory import Memory
from agent.units import FRAME_SAMPLES, SAMPLES_PER_MS, Chunk, EndOfUtterance, Frame
from tests.link.service import DELTA_MS, Service

OFFLINE_S = 1.0
A_TURN = 8
"""Frames: 160 ms, the shortest that is no tap."""


class Corner:
    """A reading corner: what the controller and the connection do, without clocks and sockets."""

    def __init__(self):
        self.session = Session(Patience(utterance=60.0, offline=8.0, response=10.0))
        self.uplink, self.memory = Uplink(OFFLINE_S), Memory()
        self.service, self.services = None, []
        self.spoken, self.not_taken = defaultdict(list), set()
        self.fates = defaultdict(Counter)
        """By turn: what became of its speech."""
        self.replied_to = set()
        self._ids, self._numbers = count(1), count(1)
        self._gate, self._late, self._loudspeaker, self._sounds = None, deque(), deque(), Counter()
        self._utterance, self._committed, self._is_asked = [], False, False
        self.utterances = []
        """Of each commit: the turns whose speech it should be."""
        self._carry_out(self.session.begin())

    # Deeds

    def press(self):
        self._tell(TurnOpened())

    def release(self):
        self._tell(TurnClosed())

    def stuck(self):
        self._tell(ButtonStuck())

    def time(self):
        if self.session.limit:
            self._tell(TimeUp(self.session.alarm))

    def speak(self, frames=3):
        for _ in range(frames):
            if self._gate:
                number = next(self._numbers)
                self.spoken[self._gate].append(number)
                self._capture(Frame(self._gate, np.full(FRAME_SAMPLES, number, np.int16)))

    def say_much(self):
        self.speak(A_TURN)

    def tap(self):
        self.press()
        self.speak()
        self.write()
        self.release()
        self.captured()

    def whole_turn(self):
        self.press()
        self.say_much()
        self.release()
        self.captured()

    def captured(self):
        """The ends of utterances come out of the capture thread."""
        while self._late:
            self._capture(self._late.popleft())

    def link_up(self):
        if not self.service:
            self._new_session()
            self._tell(LinkUp())

    def link_replaced(self):
        """Make before break, in a quiet moment; a press may come just then."""
        if self.service and (self.session.is_resting or self.session.state is State.LISTENING):
            self._new_session()

    def link_lost(self, fact=None):
        if self.service:
            self._follow(self._downlink.closed())
            self.service, self._committed = None, False
            self.uplink.link_down()
            self._tell(fact or LinkLost())

    def link_flaps(self):
        self.link_lost()
        self.link_up()

    def link_refused(self):
        self.link_lost(LinkRefused())

    def link_limited(self):
        self.link_lost(LinkLimited())

    def clock_wrong(self):
        self.link_lost(ClockWrong())

    def write(self):
        """Hand one event to the socket."""
        if self.service and (event := self._outbox.popleft() if self._outbox else self.uplink.take()):
            self._write_out(event)
            return True
        return False

    def write_all(self):
        while self.write():
            pass

    def serve(self):
        if self.service and self.service.is_busy:
            self.service.serve()
            return True
        return False

    def read(self):
        """Take one event from the socket."""
        if not self.service or not self.service.said:
            return False
        event, cause = self.service.said.popleft()
        if isinstance(event, ResponseDone) or (isinstance(event, ServerError) and isinstance(cause, CreateResponse)):
            self._is_asked = False
        follows = self._downlink.arrived(event, 0.0, cause)
        self._outbox.extend(follows.answers)
        self._follow(follows)
        return True

    def flow(self):
        while any([self.write(), self.serve(), self.read()]):
            pass

    def answer(self):
        """The service gets all that was said and replies, at length."""
        self.flow()
        if self.service:
            self.service.speak()
        self.flow()
        self.hear()

    def hear(self):
        """The speaker plays the next chunk of the reply."""
        if not self._loudspeaker:
            return False
        sound = self._loudspeaker.popleft()
        self._tell(ReplyAudible(sound.turn) if isinstance(sound, Chunk) else ReplyDrained(sound.turn))
        return True

    def settle(self):
        """Let go of the button, keep the link up and let everything arrive. No time limit has to run out for that."""
        self.release()
        self.captured()
        self.link_up()
        for _ in range(5):
            self.flow()
            self.service.speak()
            self.service.end()
            self.flow()
            while self.hear():
                pass

    # What the rest of the agent does

    def _tell(self, fact):
        self._carry_out(self.session.handle(fact))

    def _carry_out(self, orders):
        explained = any(isinstance(order, Say) or order == Show(Scene.BUTTON_FAULT) for order in orders)
        for order in orders:
            match order:
                case OpenGate(turn):
                    self._open(turn)
                case CloseGate():
                    self._late.extend([EndOfUtterance(self._gate)] if self._gate else [])
                    self._gate = None
                case DropSpeech():
                    self._ends("dropped" if explained else "dropped in silence") if self.uplink.drop() else None
                case Silence():
                    self._silence()
                case CancelReply() if self.service:
                    self._outbox.extend(self._turns.cancel())
                case Redial():
                    self.link_lost()

    def _open(self, turn):
        if self._committed:
            self._ends("withdrawn")
        self._gate = turn
        self._utterance.append(turn)
        self.uplink.open(turn)

    def _capture(self, captured):
        if isinstance(captured, Frame):
            fact = self.uplink.speech(captured)
            self.not_taken |= {captured.pcm[0]} if fact else set()
        else:
            fact = self.uplink.end(captured)
        self._learn(fact)

    def _new_session(self):
        self.service = Service(self._ids)
        self.services.append(self.service)
        self._turns, self._outbox = Turns(), deque()
        self._downlink = Downlink(self._turns, self.memory)
        self._committed = self._is_asked = False
        self._learn(self.uplink.link_up())

    def _write_out(self, event):
        if isinstance(event, CreateResponse):
            assert not self._is_asked, "two requests without an end between them"
            self._is_asked = True
        self.service.under_way.append(event)
        if isinstance(event, Commit):
            turn = self.uplink.turn
            self._committed = True
            self._downlink.committing(turn, event)
            self.utterances.append({*self._utterance})
            self._outbox.extend(self._turns.ask(turn))
            self._tell(UtteranceSent(turn))

    def _follow(self, follows):
        awaited = set() if self.session.is_resting else {self.session.turn}
        assert {sound.turn for sound in follows.audio} <= awaited, "a reply nobody waits for"
        self.replied_to |= {sound.turn for sound in follows.audio}
        self._loudspeaker.extend(follows.audio)
        self._sounds.update(sound.part for sound in follows.audio if isinstance(sound, Chunk))
        for fact in follows.facts:
            if isinstance(fact, ReplyArrived | ReplyFailed | ReplyLimited | UtteranceRefused):
                self.uplink.answered(fact.turn)
            self._learn(fact)

    def _learn(self, fact):
        """Tell the session a fact, and note whose speech it disposes of."""
        if fact is None:
            return
        orders = self.session.handle(fact)
        explained = any(isinstance(order, Say) for order in orders)
        if self._utterance and fact.turn == self._utterance[-1]:
            match fact:
                case ReplyArrived():
                    self._ends("answered")
                case Tapped():
                    self._ends("tapped")
                case ReplyFailed() | ReplyLimited() | UtteranceRefused() | UtteranceLost():
                    self._ends("refused" if explained else "refused in silence")
        self._carry_out(orders)

    def _ends(self, fate):
        for turn in self._utterance:
            self.fates[turn][fate] += 1
        self._utterance, self._committed = [], False

    def _silence(self):
        """Be silent 200 ms into the chunk that plays."""
        waiting = [sound for sound in self._loudspeaker if isinstance(sound, Chunk)]
        self._loudspeaker.clear()
        if self.service and waiting:
            part = waiting[0].part
            heard_ms = (self._sounds[part] - len(waiting)) * DELTA_MS + 200
            self._outbox.extend(self._turns.silenced({part: heard_ms * SAMPLES_PER_MS}))
