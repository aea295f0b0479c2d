"""Bad networks between the agent and its relay, made by netem on the machine."""

from agent.journal.lines import Line
from hw_tests.virtual_pi.corner import weather
from hw_tests.virtual_pi.netem import CUT, Weather

DEAD_S = 90.0
"""Pings go out every 20 s and may take 20 s; the rest is for the emulation."""


def test_a_reply_that_has_arrived_is_played_through_a_cut_and_the_link_comes_back(there, measured):
    mark, begin = there.journal.mark(), there.played()
    there.relay.tutor.seconds = 10.0
    pitch = there.ask()
    there.until_sounds(pitch, begin)
    # The relay sends five times faster than it plays: 2 s after the first sound it has sent the reply.
    there.until(lambda: there.heard(begin).ms(pitch) >= 3000, 30, "3 s of the reply")
    with weather(there.pi, CUT):
        there.journal.until(Line.TURN, mark, end="heard")
        lost = there.journal.until(Line.LINK_LOST, mark, DEAD_S)
    assert there.heard(begin).ms(pitch) >= 0.9 * 10_000
    up = there.journal.until(Line.LINK_UP, mark, DEAD_S)
    measured("told", f"{lost['MESSAGE']!r}, {up['MESSAGE']!r}")
    there.teaches()


def test_what_was_said_while_the_link_was_cut_is_answered_or_told_to_be_lost(there):
    mark = there.journal.mark()
    with weather(there.pi, CUT):
        there.ask()
        there.journal.until(Line.UNANSWERED, mark, DEAD_S)
    there.teaches(since=mark)


def test_a_slow_and_uneven_network_is_heard_but_leaves_no_holes(there, measured):
    begin, mark = there.played(), there.journal.mark()
    there.relay.tutor.seconds = 8.0
    with weather(there.pi, Weather(delay_ms=150, jitter_ms=50)):
        pitch = there.ask()
        turn = there.journal.until(Line.TURN, mark)
    measured("release to sound ms", turn["AGENT_RELEASE_TO_SOUND_MS"])
    measured("round trip ms", turn.get("AGENT_ROUND_TRIP_MS"))
    assert turn["AGENT_END"] == "heard"
    assert there.heard(begin).ms(pitch) >= 0.9 * 8_000
    there.teaches()
