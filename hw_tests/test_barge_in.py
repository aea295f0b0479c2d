"""
Barge-in: from the order to be silent until the microphone hears silence.

Wiring. As for the speaker and the microphone; not further than a metre apart, and nothing between them.

Safety. IT PLAYS ALOUD: ten tones of 1 kHz, half a second each, 6 dB below the ceiling of the settings. What the
microphone hears stays in memory and is gone with the test.

What is measured. The agent's own playout, jitter buffer and limiter play; the order is given as a press gives it. The
time until the tone has fallen by 10 dB at the microphone holds the agent (a fade of 5 ms), the card (what it has taken
already can not be called back), a metre of air (3 ms) and the microphone's own delay. The last two are in
`speaker: the microphone hears a tone in time` as well: the difference is the way out.

If it fails. A card that goes on for longer has a long buffer of its own: another card, or another firmware.
"""

import pytest

from agent.audio.jitter_buffer import JitterBuffer
from agent.audio.level import Meter
from agent.audio.limiter import Limiter
from agent.audio.playout import Playout, Silenced
from agent.units import Chunk, Part, Seconds, Turn
from hw_tests.analysis import find_tone, tone
from hw_tests.sound import WARM_UP, recording, running

TIMES = 10
SPOKEN_S = Seconds(0.5)
REPLY_S = Seconds(3.0)
"""Far more than is played: it is the barge-in that ends it, not its end."""

QUIET_S = Seconds(0.3)
AFTER_S = Seconds(0.5)
BELOW_CEILING_DB = 6

SLOWEST_MS = 150
"""What a child takes for "at once". The agent's own share is 30 ms at the 99th percentile."""


@pytest.mark.timeout(120)
def test_a_press_is_followed_by_silence(speaker, microphone, wake, corner, measured, clock, sleep):
    took = []
    told = []
    ceiling = corner.settings.audio.ceiling_dbfs
    playout = Playout(speaker, wake, JitterBuffer(), Limiter(ceiling), Meter(), told.append, clock)
    reply = tone(REPLY_S, ceiling - BELOW_CEILING_DB)
    with running({"playout": playout.step}, wake.set):
        sleep(WARM_UP)
        for time in range(1, TIMES + 1):
            with recording(microphone, clock) as heard:
                sleep(QUIET_S)
                began = clock()
                playout.play(Chunk(Turn(time), Part(f"r{time}", f"i{time}", 0), reply, began))
                sleep(SPOKEN_S)
                ordered = clock()
                playout.silence()
                sleep(AFTER_S)
            found = find_tone(heard.pcm(), heard.sample(began))
            assert found, "the microphone does not hear the tone"
            took.append(1000 * (heard.moment(found.end) - ordered))
    assert sum(isinstance(fact, Silenced) for fact in told) == TIMES
    took.sort()
    measured("median ms", took[TIMES // 2])
    measured("worst ms", took[-1])
    measured("underruns", playout.underruns)
    assert took[-1] < SLOWEST_MS
