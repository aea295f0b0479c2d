"""A record to show, and an agent that shows it: the real server on a thread of its own."""

import asyncio
import threading
from contextlib import contextmanager

from agent.health.record import BoardHealth, HealthRecord, LinkHealth, Now, Spread, TurnNumbers, TurnsHealth
from agent.status.server import serve
from agent.status.words import socket_path

LAST = tuple(
    TurnNumbers(
        turn=number,
        end="heard",
        release_to_sound_ms=700 + number,
        start_delay_ms=10 + number,
        stalls=1,
        stalled_ms=80,
        concealed_ms=20,
        underruns=1,
        overruns=2,
        round_trip_ms=41,
    )
    for number in range(1, 21)
)

RECORD = HealthRecord(
    version="1.2.3",
    up_s=40_000.0,
    now=Now("ready", "ready", 21, 0.25, 0.5, 120),
    link=LinkHealth(True, 11_520.4, "", 2, 41),
    turns=TurnsHealth(116, 4, 1, 0, Spread(820, 1400), Spread(6, 9), LAST),
    board=BoardHealth(51.2, False, 43.1, 412, 9000, True, False),
    missing=(),
    score=96,
    reasons=("two stalls in the last hour",),
)


@contextmanager
def an_agent(folder, record=RECORD):
    """Serve this record from the runtime directory while the context lasts."""
    loop, listening, troubles = asyncio.new_event_loop(), threading.Event(), []
    path = socket_path({"RUNTIME_DIRECTORY": str(folder)})

    async def live():
        async with asyncio.TaskGroup() as agent:
            serving = agent.create_task(serve(path, lambda: record, troubles.append))
            loop.call_soon(listening.set)
            over.append(serving.cancel)

    over = []
    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    listening.wait()
    try:
        yield path
    finally:
        loop.call_soon_threadsafe(over[0])
        thread.join()
        loop.close()
        assert not troubles
