"""A corner that is well, to make ill ones of."""

from dataclasses import replace

from agent.health.record import BoardHealth, HealthRecord, LinkHealth, Now, TurnNumbers, TurnsHealth
from agent.health.score import Evidence
from agent.health.tally import Recent, spread

BOARD = BoardHealth(
    temperature_c=52.0,
    undervoltage=False,
    own_memory_mb=57.4,
    free_memory_mb=3000,
    free_disk_mb=20_000,
    clock_synchronised=True,
    wifi_power_save=False,
    disk_read_only=False,
)
LINK = LinkHealth(up=True, since_s=900.0, why="", reconnects=0, round_trip_ms=21)
TURN = TurnNumbers(7, "heard", release_to_sound_ms=900, press_to_silence_ms=6, start_delay_ms=5, round_trip_ms=21)
TURNS = (TURN,) * 20
EVIDENCE = Evidence(LINK, Recent(TURNS, losses=0, dropped=0), BOARD, missing=())

RECORD = HealthRecord(
    version="1.2",
    up_s=3600.0,
    now=Now("ready", "ready", 7, 0.0, 0.0, 0),
    link=LINK,
    turns=TurnsHealth(18, 2, 1, 3, spread([900, 1200]), spread([6]), TURNS),
    board=BOARD,
    missing=(),
    score=100,
    reasons=(),
)


def board(**facts):
    return replace(BOARD, **facts)


def nothing_known():
    return BoardHealth(None, None, None, None, None, None, None)
