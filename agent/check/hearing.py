"""Whether what a microphone hears of a room will do."""

from __future__ import annotations

from typing import Final

import numpy as np

from agent.audio.level import BRIGHT_DBFS, DARK_DBFS, FULL_SCALE, dbfs
from agent.check.verdicts import Check, failed, ok, warning
from agent.units import Pcm

QUIET_PERCENT: Final = 10
"""The noise floor is the level that so many of the periods stay below: somebody may speak meanwhile."""

NOISY_DBFS: Final = DARK_DBFS + (BRIGHT_DBFS - DARK_DBFS) / 4
"""-40 dBFS: the room alone would light a quarter of the ring, as if somebody spoke."""


def judged(heard: Pcm, overruns: int) -> Check:
    """Judge what was heard, shape (periods, 240); samples that an overrun lost are not among them."""
    if not np.ptp(heard):
        unmute = "switch it on, raise its gain (alsamixer), or speak meanwhile if it mutes noise by itself; check again"
        return failed("hearing", "nothing at all: every sample is the same", unmute)
    without_offset = (heard - np.round(heard.mean())).clip(-FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
    floor = float(np.percentile([dbfs(period) for period in without_offset], QUIET_PERCENT))
    clipped = int(np.count_nonzero((heard == FULL_SCALE - 1) | (heard == -FULL_SCALE)))
    found = f"noise floor {floor:.0f} dBFS, {clipped} samples clipped, {overruns} overruns"
    if overruns:
        return warning("hearing", found, "stop what else runs here, give the board its own power supply")
    if clipped:
        return warning("hearing", found, "if nobody was loud, lower microphone.capture_gain_percent")
    if floor > NOISY_DBFS:
        return warning("hearing", found, "find what hums, or lower microphone.capture_gain_percent; agc = false")
    return ok("hearing", found)
