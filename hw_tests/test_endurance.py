"""
Endurance: ten minutes of both cards at work, without one xrun.

Wiring. As the corner will be: same ports, same supply, same case.

Safety. Nothing sounds: the speaker is fed with silence, as it is between replies. What the microphone hears is thrown
away period by period, as with a closed gate.

Before. Ten minutes of time (`--minutes` for more or fewer; a night of 600 is the best test of a supply). Nothing else
runs on the Pi.

If it fails. Underruns and overruns come from a supply that sags (see `board: nothing holds it back`), from a hub, from
something else that is busy, or on a Pi 3 and Zero 2 W from their USB controller. A microphone that delivers too few
periods stalls without saying so.
"""

import resource
import time

import pytest

from agent.app import monotonic
from agent.audio.capture import Capture
from agent.audio.jitter_buffer import JitterBuffer
from agent.audio.level import Meter
from agent.audio.limiter import Limiter
from agent.audio.playout import Playout
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ
from hw_tests.sound import WARM_UP, running

PERIODS_A_SECOND = SAMPLE_RATE_HZ / PERIOD_SAMPLES

CLOCKS_DIFFER = 0.01
"""A card's clock is within 0.1 % of ours; ten times that is a stall."""


@pytest.mark.timeout(0)
def test_no_xruns(speaker, microphone, wake, minutes, corner, measured, clock, sleep):
    capture = Capture(microphone, lambda _frame: None, Meter(), monotonic)
    playout = Playout(
        speaker, wake, JitterBuffer(), Limiter(corner.settings.audio.ceiling_dbfs), Meter(), lambda _fact: None, clock
    )
    with running({"playout": playout.step, "capture": capture.step}, wake.set):
        sleep(WARM_UP)  # starting is not running
        underran, overran = playout.underruns, microphone.overruns
        periods, began, worked = capture.periods, clock(), time.process_time()
        sleep(60 * minutes)
        lasted = clock() - began
        share = (capture.periods - periods) / (lasted * PERIODS_A_SECOND)
        underruns, overruns = playout.underruns - underran, microphone.overruns - overran
        cpu = (time.process_time() - worked) / lasted
    measured("minutes", lasted / 60)
    measured("underruns", underruns)
    measured("overruns", overruns)
    measured("periods heard %", 100 * share)
    measured("CPU of one core %", 100 * cpu)
    measured("memory MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert abs(share - 1) < CLOCKS_DIFFER, "the microphone stalls"
    assert (underruns, overruns) == (0, 0), f"{underruns} underruns, {overruns} overruns"
