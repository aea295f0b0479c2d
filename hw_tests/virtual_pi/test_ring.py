"""The ring, read back pin by pin while a child talks."""

from agent.journal.lines import Line

SHOWN_S = 10.0
"""For the next scene to show: a frame, and the looks, which take a second beside others."""


def lit(there):
    """Which of its colours are lit."""
    return {name for name, light in zip(("red", "green", "blue"), there.pi.ring(), strict=True) if light}


def test_the_ring_shows_whose_turn_it_is(there):
    there.teaches()
    there.until(lambda: lit(there) == {"green"}, SHOWN_S, "green: ready")

    mark, begin = there.journal.mark(), there.played()
    there.relay.tutor.seconds = 12.0
    there.pi.press()
    there.until(lambda: "red" not in lit(there) and "blue" in lit(there), SHOWN_S, "blue: listening")
    there.pi.say("en-short")
    pitch = there.relay.tutor.pitch(len(there.relay.tutor.heard))
    there.pi.release()

    there.until_sounds(pitch, begin)
    there.until(lambda: lit(there) == {"red", "blue"}, SHOWN_S, "red and blue: speaking")
    there.journal.until(Line.TURN, mark, end="heard")
    there.until(lambda: lit(there) == {"green"}, SHOWN_S, "green again")


def test_the_ring_shows_that_the_speaker_is_gone_and_back(there):
    mark = there.journal.mark()
    there.pi.unplug()
    try:
        there.journal.until(Line.DEVICE_LOST, mark, which="speaker")
        there.until(lambda: lit(there) == {"red", "green", "blue"}, SHOWN_S, "all three: no speaker")
    finally:
        there.pi.replug()
    there.journal.until(Line.DEVICE_FOUND, mark, which="speaker")
    there.until(lambda: lit(there) == {"green"}, SHOWN_S, "green: ready")
