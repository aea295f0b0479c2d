from itertools import pairwise

import numpy as np
import pytest

from agent.audio.concealment import JOIN_SAMPLES
from agent.audio.jitter_buffer import JitterBuffer
from agent.audio.level import Meter
from agent.audio.limiter import Limiter
from agent.audio.playout import Playout, Silenced
from agent.session.events import ReplyAudible, ReplyDrained
from agent.units import PERIOD_SAMPLES, SAMPLES_PER_MS, Chunk, EndOfReply, Part, Turn
from tests.audio.hand_speaker import ROOM, HandSpeaker, HandWake

TURN = Turn(1)
PART, LATER = Part("r", "a", 0), Part("r", "b", 0)


def ms(count):
    return count * SAMPLES_PER_MS


def counted(samples, start=0):
    """Sound whose every sample tells its place: no two neighbours in the same order twice."""
    return np.random.default_rng(7).permutation(np.arange(-16000, 16000))[start : start + samples].astype(np.int16)


class Corner:
    """A playout room with a speaker moved by hand."""

    def __init__(self, ceiling=0.0):
        self.speaker, self.wake, self.told = HandSpeaker(), HandWake(), []
        self.meter = Meter()
        self.playout = Playout(
            self.speaker, self.wake, JitterBuffer(), Limiter(ceiling), self.meter, self.told.append, self.speaker.now
        )
        self.fill()

    def fill(self):
        while self.speaker.queued() + PERIOD_SAMPLES <= ROOM:
            self.playout.step()

    def reply(self, pcm, part=PART, turn=TURN):
        self.playout.play(Chunk(turn, part, pcm, self.speaker.now()))

    def end(self, turn=TURN, response_id="r"):
        self.playout.end(EndOfReply(turn, response_id))

    def listen(self, samples):
        """Let time pass with the room at work; return what was heard of it."""
        before = len(self.speaker.heard)
        while samples:
            some = min(samples, PERIOD_SAMPLES)
            self.speaker.let_pass(some)
            self.fill()
            samples -= some
        return self.speaker.heard[before:]

    def barge_in(self):
        self.playout.silence()
        assert self.wake.is_set
        self.playout.step()
        assert isinstance(self.told[-1], Silenced)
        return self.told[-1]


def last_heard(speaker, sound):
    """How many samples of `sound` had been heard: the truth, by looking for its last two neighbours."""
    after = {(int(a), int(b)): k + 2 for k, (a, b) in enumerate(pairwise(sound))}
    return max((after.get((int(a), int(b)), 0) for a, b in pairwise(speaker.heard)), default=0)


def test_a_speaker_with_nothing_to_say_is_kept_warm_with_silence():
    corner = Corner()
    assert not corner.listen(ms(500)).any()
    assert corner.speaker.queued() == ROOM
    assert (corner.playout.underruns, corner.told, corner.meter.level) == (0, [], 0.0)


def test_a_reply_is_heard_whole_and_its_beginning_and_end_are_told():
    corner = Corner()
    sound = counted(ms(300))
    corner.reply(sound)
    corner.end()
    corner.listen(PERIOD_SAMPLES)
    assert corner.told == [ReplyAudible(TURN)]
    assert corner.meter.level > 0
    heard = corner.listen(ms(500))
    first = int(np.flatnonzero(heard == sound[JOIN_SAMPLES])[0])
    assert np.array_equal(heard[first : first + len(sound) - JOIN_SAMPLES], sound[JOIN_SAMPLES:])
    assert corner.told == [ReplyAudible(TURN), ReplyDrained(TURN)]


def test_drained_is_told_only_when_the_last_sample_was_heard():
    corner = Corner()
    sound = counted(ms(95))
    corner.reply(sound)
    corner.end()
    while ReplyDrained(TURN) not in corner.told:
        corner.listen(PERIOD_SAMPLES)
    assert last_heard(corner.speaker, sound) == len(sound)


@pytest.mark.parametrize("listened", [ms(10), ms(30) + 1, ms(123) + 7, ms(200)])
def test_a_barge_in_tells_what_was_heard_to_the_sample(listened):
    corner = Corner()
    sound = counted(ms(400))
    corner.reply(sound)
    corner.listen(listened)
    silenced = corner.barge_in()
    assert silenced.heard == {PART: max(0, listened - ROOM)}
    if listened > ROOM + JOIN_SAMPLES:
        assert silenced.heard == {PART: last_heard(corner.speaker, sound)}
    assert silenced.at == corner.speaker.now()


def test_a_barge_in_is_silence_within_5_ms_without_a_click():
    corner = Corner()
    sound = (8000 * np.sin(2 * np.pi * 200 * np.arange(ms(400)) / ms(1000))).astype(np.int16)
    corner.reply(sound)
    corner.listen(ms(100))
    corner.barge_in()
    after = corner.listen(ms(100))
    assert corner.speaker.drops == 1
    assert after[:JOIN_SAMPLES].any()
    assert not after[JOIN_SAMPLES:].any()
    assert np.abs(np.diff(corner.speaker.heard.astype(int))).max() <= 1.1 * np.abs(np.diff(sound.astype(int))).max()
    assert corner.playout.underruns == 0


def test_what_came_in_and_was_never_heard_is_told_as_nothing():
    corner = Corner()
    corner.reply(counted(ms(50)))
    corner.reply(counted(ms(200)), LATER)
    corner.listen(ms(70))
    assert corner.barge_in().heard == {PART: ms(40), LATER: 0}
    corner.reply(counted(ms(200)), Part("next", "c", 0), Turn(2))
    assert corner.barge_in().heard == {Part("next", "c", 0): 0}


def test_a_barge_in_into_silence_drops_nothing_and_is_told_all_the_same():
    corner = Corner()
    assert corner.barge_in().heard == {}
    assert corner.speaker.drops == 0
    assert not corner.listen(ms(100)).any()


def test_a_barge_in_is_carried_out_even_if_the_speaker_has_no_room():
    corner = Corner()
    corner.reply(counted(ms(200)))
    corner.listen(ms(60))
    assert corner.speaker.queued() == ROOM
    corner.playout.step()
    assert corner.speaker.queued() == ROOM
    corner.barge_in()
    assert corner.speaker.queued() == PERIOD_SAMPLES


def test_the_next_reply_plays_after_a_barge_in_and_a_late_end_of_the_last_one_does_no_harm():
    corner = Corner()
    corner.reply(counted(ms(200)))
    corner.listen(ms(80))
    corner.barge_in()
    corner.end()
    corner.reply(counted(ms(100)), Part("next", "c", 0), Turn(2))
    corner.end(Turn(2), "next")
    corner.listen(ms(200))
    assert [told for told in corner.told[2:] if told.turn == Turn(2)] == [ReplyAudible(Turn(2)), ReplyDrained(Turn(2))]


def test_a_prompt_sounds_behind_the_reply_and_nothing_is_told_of_it():
    corner = Corner()
    corner.reply(counted(ms(50)))
    corner.end()
    corner.playout.say(counted(ms(50), start=20_000))
    heard = corner.listen(ms(200))
    assert last_heard(corner.speaker, counted(ms(50), start=20_000)) == ms(50)
    assert corner.told == [ReplyAudible(TURN), ReplyDrained(TURN)]
    corner.playout.say(heard)
    corner.listen(ms(50))
    assert corner.barge_in().heard == {}


def test_everything_goes_through_the_limiter():
    corner = Corner(ceiling=-20.0)
    corner.reply(counted(ms(300)))
    heard = corner.listen(ms(300))
    assert 0 < np.abs(heard.astype(int)).max() <= 3277


@pytest.mark.parametrize(("ceiling", "loudest"), [(-6.0, 16422), (-30.0, 1036)])
def test_neither_a_relay_nor_a_prompt_nor_a_press_is_louder_than_the_ceiling(ceiling, loudest):
    corner = Corner(ceiling)
    square = np.tile(np.array([-32768] * 60 + [32767] * 60, np.int16), 200)
    for turn in range(1, 12):
        part = Part(f"r{turn}", "a", 0)
        corner.reply(square[: ms(170)], part, Turn(turn))
        corner.listen(ms(30 * turn) + turn)  # to the middle, to the bridge of a gap, and beyond it
        if turn % 2:
            corner.barge_in()
        corner.playout.say(square[: ms(60)])
        corner.reply(counted(ms(40), start=turn), part, Turn(turn))
    corner.listen(ms(1000))
    assert np.abs(corner.speaker.heard.astype(int)).max() == loudest


def test_an_underrun_is_counted():
    corner = Corner()
    corner.speaker.let_pass(ROOM + 1)
    corner.fill()
    assert corner.playout.underruns == 1


def test_in_the_silence_after_a_loud_reply_the_meter_falls_and_the_gain_comes_back():
    corner = Corner(ceiling=-3.0)
    corner.reply(np.full(ms(200), 30_000, np.int16))
    corner.end()
    corner.listen(ms(1_000))
    assert corner.meter.level == 0.0
    sound = counted(ms(100))
    corner.reply(sound, Part("q", "a", 0), Turn(2))
    corner.end(Turn(2), "q")
    heard = corner.listen(ms(300))
    first = int(np.flatnonzero(heard == sound[JOIN_SAMPLES])[0])
    assert np.array_equal(heard[first : first + len(sound) - JOIN_SAMPLES], sound[JOIN_SAMPLES:])
