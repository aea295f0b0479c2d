import numpy as np

from agent.audio.reply import OWED_SAMPLES, Reply
from agent.units import Part, Turn

FIRST, SECOND = Part("r", "a", 0), Part("r", "b", 0)


def waiting(*sounds):
    reply = Reply(Turn(1), "r")
    for part, pcm in sounds:
        reply.push(part, np.array(pcm, np.int16))
    return reply


def test_sound_is_taken_in_order_and_never_across_parts():
    reply = waiting((FIRST, [1, 2, 3]), (SECOND, [4]))
    taken = [reply.take(2), reply.take(2), reply.take(2)]
    assert [(part, list(pcm)) for part, pcm in taken] == [(FIRST, [1, 2]), (FIRST, [3]), (SECOND, [4])]
    assert (reply.depth, reply.played, reply.playing) == (0, 4, SECOND)


def test_a_look_ahead_takes_nothing():
    reply = waiting((FIRST, [1, 2, 3]), (SECOND, [4, 5]), (SECOND, [6]))
    assert list(reply.peek(4)) == [1, 2, 3, 4]
    assert list(reply.peek(6)) == [1, 2, 3, 4, 5, 6]
    assert reply.depth == 6


def test_a_repeated_period_is_paid_for_by_four_times_its_length():
    reply = waiting((FIRST, range(1000)))
    reply.repeat(np.zeros(200, np.int16))
    assert reply.unchanged == 800
    reply.take(700)
    assert reply.unchanged == 100


def test_what_a_consonant_owes_is_made_up_for_but_not_at_once():
    reply = waiting((FIRST, range(10_000)))
    reply.take(10_000)
    reply.repeat(np.zeros(360, np.int16))
    assert reply.unchanged == max(360, 4 * 360 - OWED_SAMPLES)
