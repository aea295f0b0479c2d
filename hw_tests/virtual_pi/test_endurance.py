"""Ten minutes of conversation."""

import statistics
import time

from agent.journal.lines import Line

MINUTES = 10

GROWTH_MB = 3.0
"""In ten minutes. A leak of one reply's samples a turn would be three times as much."""


def memory_mb(there):
    (rss,) = (line for line in there.pi.ssh(f"cat /proc/{there.main_pid()}/status").splitlines() if "VmRSS" in line)
    return int(rss.split()[1]) / 1000


def test_ten_minutes_of_conversation_lose_no_turn(there, measured):
    there.teaches()
    mark, process, at_first = there.journal.mark(), there.main_pid(), memory_mb(there)
    end, asked, went_on_ms = time.monotonic() + 60 * MINUTES, 0, []
    there.relay.tutor.seconds = 6.0
    while time.monotonic() < end:
        begin, before = there.played(), there.journal.mark()
        interrupted = there.ask()
        there.until_sounds(interrupted, begin)
        pressed = there.played()
        answered = there.ask()
        there.journal.until(Line.TURN, before, end="interrupted")
        there.journal.until(Line.TURN, before, end="heard")
        asked += 2
        assert there.heard(begin).order() == [interrupted, answered]
        assert there.heard(begin).ms(answered) >= 0.9 * 6_000
        went_on_ms.append(there.heard(pressed).ms(interrupted))

    turns = there.journal.lines(Line.TURN, mark)
    assert len(turns) == asked
    assert not there.journal.troubles(mark)
    assert there.main_pid() == process
    grown = memory_mb(there) - at_first
    for name in ("RELEASE_TO_SOUND_MS", "PRESS_TO_SILENCE_MS"):
        known = [int(turn[f"AGENT_{name}"]) for turn in turns if f"AGENT_{name}" in turn]
        measured(name.lower(), f"p50 {statistics.median(known):.0f}, max {max(known)}")
    for name in ("UNDERRUNS", "OVERRUNS", "STALLS"):
        measured(name.lower(), sum(int(turn[f"AGENT_{name}"]) for turn in turns))
    measured("ms after a press, in the WAV", f"p50 {statistics.median(went_on_ms):.0f}, max {max(went_on_ms)}")
    measured("turns", len(turns))
    measured("MB grown", f"{grown:.1f}")
    assert grown < GROWTH_MB
    there.teaches()
