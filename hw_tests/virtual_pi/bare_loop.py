"""
The least Python that does what the agent's audio threads do on the same cards: `python bare_loop.py SECONDS`.

Prints as JSON what it used of a core, in percent, and how often the microphone overran and the speaker ran dry.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

import alsaaudio

PERIOD_S = 0.010
MICROPHONE_HZ, SPEAKER_HZ = 24_000, 48_000
"""What the agent is granted."""

SILENCE = bytes(4 * round(SPEAKER_HZ * PERIOD_S))
"""One period of two channels of 16 bits."""


def main(seconds: float) -> None:
    """Read and write for so long."""
    microphone = alsaaudio.PCM(
        alsaaudio.PCM_CAPTURE,
        device="hw:CARD=Loopback,DEV=0",
        rate=MICROPHONE_HZ,
        channels=1,
        periodsize=round(MICROPHONE_HZ * PERIOD_S),
        periods=20,
    )
    card = next(card for card in alsaaudio.cards() if card != "Loopback")
    speaker = alsaaudio.PCM(
        device=f"hw:CARD={card},DEV=0", rate=SPEAKER_HZ, channels=2, periodsize=round(SPEAKER_HZ * PERIOD_S), periods=3
    )
    until, xruns = time.monotonic() + seconds, Counter[str]()

    def repeat(name: str, moved: Callable[[], int]) -> None:
        while time.monotonic() < until:
            xruns[name] += moved() < 0

    threads = [
        threading.Thread(target=repeat, args=("overruns", lambda: microphone.read()[0])),
        threading.Thread(target=repeat, args=("underruns", lambda: speaker.write(SILENCE))),
    ]
    began, used = time.monotonic(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    share = 100 * (time.process_time() - used) / (time.monotonic() - began)
    sys.stdout.write(json.dumps({"percent": share, **xruns}) + "\n")


main(float(sys.argv[1]))
