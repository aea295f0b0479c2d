"""
Fault soak: conversations on virtual time whose link is cut at random bytes, stalls, is refused and closed as planned.

Replies say in every sample which they are and where in it one is (`tests.far_end.coded`), students say which press they
speak under: so the relay's ear and the room's record tell what became of every utterance.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from agent.link.backoff import HttpRefused
from agent.session.effects import LISTENING_SCENES
from agent.session.table import State
from agent.settings import Settings, Turn
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, SAMPLES_PER_MS, Seconds
from tests.clock import jumping
from tests.far_end import BLOCK, FarEnd, coded
from tests.wire import Wire
from tests.world import PERIOD_S, PHASE_S, World, plateaus

CONVERSATIONS = 300
FIRST_SEED = int(os.environ.get("READING_CORNER_SOAK_SEED", "1"))

BYTES = 150_000
"""About what a conversation moves."""

RESTS = (State.READY, State.UNANSWERED, State.OFFLINE, State.REFUSED, State.LIMITED, State.CLOCK)

BENIGN = {"response_cancel_not_active"}
"""A cancel that crosses the end of its response: no client can know. No other error is a correct client's."""

FATES = {"answered", "tap", "taken back", "dropped", "unanswered"}
"""What may become of an utterance. The last two were announced: dropped unheard, or heard and not answered."""

PRIVATE = 77
"""What is said while no finger is on the button."""

CERTAINLY_S = 0.180
"""A gate open so long let 150 ms through: less two periods that were not whole, and a margin of one."""

LATE_SAMPLES = round(PHASE_S * SAMPLE_RATE_HZ) + 1
"""The microphone is read so much later than it could be; who presses meanwhile was heard for as long before."""

SILENT_AFTER_S = 0.0165
"""One period until the writer comes round, 5 ms of fade, and a rounding."""


class Student:
    """Says the number of the press under which it speaks, and something private at all other times."""

    def __init__(self):
        self.presses = []
        """When each began and ended, in samples."""

    def said(self, first, count):
        sound = np.full(count, PRIVATE, np.int16)
        for number, (begin, end) in enumerate(self.presses):
            sound[max(0, begin - first) : max(0, end - first)] = _word(number)
        return sound

    def down(self, at):
        self.presses.append((round(at * SAMPLE_RATE_HZ), 2**60))

    def up(self, at):
        self.presses[-1] = (self.presses[-1][0], round(at * SAMPLE_RATE_HZ))


def _word(press):
    return 1000 + press


@dataclass
class Utterance:
    """What went through the gate once."""

    turn: int
    press: int
    opened: float
    closed: float

    @property
    def seconds(self):
        return self.closed - self.opened


class Conversation:
    """One student, one agent, one link that fails as `seed` says."""

    def __init__(self, seed):
        self.chance = chance = random.Random(seed)
        random.seed(seed)
        self.student = Student()
        self.cuts = chance.choices((1, 2, 3), (6, 3, 1))[0]
        far_end = FarEnd(
            self._answer,
            self._wire,
            beta=chance.random() < 0.2,
            configures=chance.random() < 0.8,
            lifetime=chance.choice((None, None, None, 7.0, 12.0)),
        )
        patience = Turn(offline_speech_s=chance.choice((20.0, 20.0, 20.0, 0.4)))
        self.world = World(far_end, self.student.said, Settings(turn=patience))

    async def hold(self):
        await self.world.live(self._script())

    def _answer(self, number, heard):
        return coded(number, self.chance.randrange(200, 2400) * SAMPLES_PER_MS)

    def _wire(self, number):
        delay, silence = self.chance.choice((0.002, 0.02, 0.15)), self.chance.choice((0.0, 0.05, 0.5, 3.0))
        if number >= self.cuts and self.was_cut_at_byte:
            return Wire(delay)
        return Wire(delay, int(self.chance.random() ** 1.5 * BYTES), silence)

    @property
    def was_cut_at_byte(self):
        return any(visit.wire.was_cut_at_byte for visit in self.world.far_end.visits)

    async def _script(self):
        async with asyncio.TaskGroup() as group:
            trouble = group.create_task(self._trouble())
            await asyncio.sleep(self.chance.choice((0.0, 0.3, 0.3)))
            for _ in range(self.chance.randint(1, 3)):
                await self._turn()
            await trouble
            while not self.was_cut_at_byte:
                await self._turn()
        await self._rest()

    async def _turn(self):
        chance, world = self.chance, self.world
        await self._press(chance.uniform(0.035, 0.14) if chance.random() < 0.15 else chance.uniform(0.2, 1.2))
        match chance.randrange(4):
            case 0:
                await asyncio.sleep(chance.expovariate(1.5) + 0.04)
            case 1:
                await world.until(State.SPEAKING, *RESTS, within=60)
                await asyncio.sleep(chance.uniform(0, 1.0))
            case _:
                await world.until(*RESTS, within=60)
                await asyncio.sleep(chance.expovariate(2.0))

    async def _press(self, seconds):
        world = self.world
        self.student.down(world.clock())
        world.button.press()
        await asyncio.sleep(seconds)
        self.student.up(world.clock())
        world.button.release()
        await asyncio.sleep(0.035)

    async def _trouble(self):
        chance, far_end = self.chance, self.world.far_end
        for _ in range(chance.choice((0, 1, 1, 2))):
            await asyncio.sleep(1.0 + chance.expovariate(0.5))
            if not far_end.visits:
                continue
            match chance.choices(
                ("stall", "long stall", "close", "kill", "refuse", "limit", "away"), (4, 1, 4, 2, 0.5, 2, 3)
            )[0]:
                case "stall":
                    far_end.last.wire.stall(chance.uniform(0.1, 2.0))
                case "long stall":
                    far_end.last.wire.stall(13.0)
                case "close":
                    await far_end.close(chance.choice((1001, 1012, 1011, 1000)))
                case "kill":
                    far_end.last.wire.cut()
                case "refuse":
                    far_end.refusals.append(HttpRefused(401))
                    far_end.last.wire.cut()
                case "limit":
                    far_end.refusals.append(HttpRefused(429, Seconds(5)))
                    far_end.last.wire.cut()
                case "away":
                    far_end.away_until = self.world.clock() + chance.choice((0.5, 3.0, 12.0))
                    far_end.last.wire.cut()

    async def _rest(self):
        """Link up, button up, some time: READY."""
        world = self.world
        await world.until(*RESTS, within=60)
        await asyncio.sleep(4)  # the end of a prompt, or of a link of which nobody has noticed yet that it was cut
        async with world.dozing():
            await world.until(State.READY, within=700)  # a token that is refused twice


class Judge:
    """What became of everything, from the outside."""

    def __init__(self, conversation):
        self.world, self.student = conversation.world, conversation.student
        self.far_end = conversation.world.far_end
        self.plateaus = plateaus(self.world.record)
        self.heard = {reply for _, _, reply, _ in self.plateaus}
        self.utterances = self._utterances()

    def _utterances(self):
        found = []
        for gate in self.world.noted("gate", open=True):
            closed = next(n.at for n in self.world.noted("gate", open=False, turn=gate.facts["turn"]))
            press = max(i for i, (begin, _) in enumerate(self.student.presses) if begin <= gate.at * SAMPLE_RATE_HZ + 1)
            found.append(Utterance(gate.facts["turn"], press, gate.at, closed))
        return found

    def every_utterance_was_answered_once_or_its_loss_was_announced(self):
        fates = [(self._fate(utterance), utterance.seconds) for utterance in self.utterances]
        # Two periods at the gate's edges, and what was not yet a whole frame when it was dropped as the gate closed.
        losses = [seconds - 4 * PERIOD_S for fate, seconds in fates if fate == "dropped"]
        announced = sum(note.facts["ms"] for note in self.world.noted("dropped")) / 1000
        assert announced >= sum(losses), f"{sum(losses):.3f} s were dropped, {announced:.3f} s of it announced"
        for note in self.world.noted("dropped") + self.world.noted("unanswered"):
            said = [prompt.at for prompt in self.world.noted("prompt") if -60 <= prompt.at - note.at <= 0.1]
            assert said, f"{note.kind} at {note.at:.3f} without a prompt in the minute before"
        return Counter(fate for fate, _ in fates)

    def _fate(self, utterance):
        word = _word(utterance.press)
        answers = [a for a in self.far_end.answers if np.count_nonzero(a.heard == word)]
        heard = [a for a in answers if a.number in self.heard]
        assert len(heard) <= 1, f"turn {utterance.turn} was answered {len(heard)} times"
        if heard:
            missing = utterance.seconds * SAMPLE_RATE_HZ - np.count_nonzero(heard[0].heard == word)
            assert missing <= 2 * PERIOD_SAMPLES, f"turn {utterance.turn} was answered without {missing} samples of it"
            return "answered"
        if utterance.seconds < CERTAINLY_S and not answers:
            return "tap"
        if self._was_taken_back(utterance):
            return "taken back"
        if any(note.facts["turn"] >= utterance.turn for note in self.world.noted("unanswered")):
            return "unanswered"  # a later turn, when a press continued what had not gone out
        assert any(note.at >= utterance.opened for note in self.world.noted("dropped")), (
            f"turn {utterance.turn} was neither answered nor dropped"
        )
        return "dropped"

    def _was_taken_back(self, utterance):
        """
        The student pressed again while the ring said that the tutor thinks: no word of the reply needs to be heard.

        That is from the hand-over of the commit on, and until the link is lost before anything of the reply came.
        """
        thinking = arrived = False
        for note in self.world.notes:
            if note.at < utterance.closed:
                continue
            if note.kind == "scene":
                thinking = note.facts["name"] == "thinking"
            elif note.kind == "delta":
                arrived |= note.facts["turn"] >= utterance.turn
            elif note.kind == "button" and note.facts["down"] and (thinking or arrived):
                return True
        return False

    def nothing_was_sent_twice_in_one_session(self):
        for visit in self.far_end.visits:
            committed = np.concatenate((np.zeros(0, np.int16), *visit.committed))
            for press, (begin, end) in enumerate(self.student.presses):
                assert np.count_nonzero(committed == _word(press)) <= end - begin, f"press {press} was sent twice"

    def nothing_private_left_the_device(self):
        """Beyond the rest of the period in which the finger came up."""
        for visit in self.far_end.visits:
            speech = np.concatenate((np.zeros(0, np.int16), *visit.appended))
            edges = np.flatnonzero(np.diff(speech == PRIVATE, prepend=False, append=False))
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                most = PERIOD_SAMPLES + 1 if start else LATE_SAMPLES
                assert end - start <= most, f"{end - start} samples of what was not for the tutor"

    def the_server_had_no_reason_to_complain(self):
        codes = [code for visit in self.far_end.visits for code in visit.errors if code not in BENIGN]
        assert not codes, f"the service refused: {codes}"

    def no_reply_outlived_its_interruption(self):
        asked = {answer.number: answer.at for answer in self.far_end.answers}
        for gate in self.world.noted("gate", open=True):
            limit = (gate.at + SILENT_AFTER_S) * SAMPLE_RATE_HZ
            late = [
                (start, reply)
                for start, length, reply, _ in self.plateaus
                if start + length > limit and asked[reply] < gate.at
            ]
            assert not late, f"the reply {late[0][1]} sounds after the press at {gate.at:.3f}"

    def every_truncate_tells_what_was_heard(self):
        for visit in self.far_end.visits:
            for _, reply, ms in visit.truncates:
                played = self._played(reply)
                assert ms * SAMPLES_PER_MS <= played, (
                    f"{ms} ms of {played / SAMPLES_PER_MS:.1f} ms are claimed to be heard"
                )
                assert ms * SAMPLES_PER_MS > played - 20 * SAMPLES_PER_MS, (
                    f"{ms} ms of {played / SAMPLES_PER_MS:.1f} ms"
                )

    def _played(self, reply):
        """Samples of a reply that were heard before it was faded out or had no more."""
        blocks = [(block, start, length) for start, length, number, block in self.plateaus if number == reply]
        if not blocks:
            return BLOCK
        block, start, length = max(blocks)
        record = self.world.record
        after = record[start + length : start + length + BLOCK]
        further = int(np.argmax(np.append(after != record[start] + np.sign(record[start]), True)))
        return block * BLOCK + min(length, BLOCK) + further

    def the_microphone_was_only_open_under_its_light(self):
        scene = ""
        for note in self.world.notes:
            if note.kind == "scene":
                scene = note.facts["name"]
            if note.kind == "gate" and note.facts["open"]:
                assert scene in {scene.value for scene in LISTENING_SCENES}
        assert not self.world.noted("trouble", name="no light, so no microphone")


def converse(seed):
    """Hold a conversation and judge it; return the fates of its utterances."""
    conversation = jumping(_held(seed))
    judge = Judge(conversation)
    assert conversation.was_cut_at_byte
    fates = judge.every_utterance_was_answered_once_or_its_loss_was_announced()
    judge.nothing_was_sent_twice_in_one_session()
    judge.nothing_private_left_the_device()
    judge.the_server_had_no_reason_to_complain()
    judge.no_reply_outlived_its_interruption()
    judge.every_truncate_tells_what_was_heard()
    judge.the_microphone_was_only_open_under_its_light()
    return fates


async def _held(seed):
    conversation = Conversation(seed)
    await conversation.hold()
    return conversation


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("heap_set_aside")
def test_whatever_the_link_does_every_utterance_is_answered_once_or_announced_as_lost():
    fates = Counter()
    for seed in range(FIRST_SEED, FIRST_SEED + CONVERSATIONS):
        try:
            fates += converse(seed)
        except BaseException as trouble:
            trouble.add_note(f"in the conversation with seed {seed}")
            raise
    assert fates.keys() == FATES, f"the soak has met nothing but {dict(fates)}"
    assert fates["answered"] > 8 * (fates["dropped"] + fates["unanswered"]), "more is given up than has to be"
