"""What Prometheus reads of a record, read by Prometheus' own parser."""

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from agent.health.metrics import exposition
from agent.health.record import Spread
from tests.health.well import RECORD, nothing_known


def read(record):
    """Every sample by its name and labels."""
    families = list(text_string_to_metric_families(exposition(record)))
    assert all(family.documentation and family.type in ("gauge", "counter") for family in families)
    assert len({family.name for family in families}) == len(families)
    return {
        (sample.name.removeprefix("reading_corner_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_whole_record_can_be_read():
    assert read(RECORD) == {
        ("build_info", "1.2"): 1,
        ("uptime_seconds",): 3600,
        ("health_ratio",): 1,
        ("link_up",): 1,
        ("link_state_seconds",): 900,
        ("link_reconnects_total",): 0,
        ("link_round_trip_seconds",): 0.021,
        ("turns_total", "heard"): 18,
        ("turns_total", "interrupted"): 2,
        ("turns_total", "unanswered"): 1,
        ("utterances_dropped_total",): 3,
        ("release_to_sound_seconds", "50"): 0.9,
        ("release_to_sound_seconds", "95"): 1.2,
        ("press_to_silence_seconds", "50"): 0.006,
        ("press_to_silence_seconds", "95"): 0.006,
        ("device_missing", "microphone"): 0,
        ("device_missing", "speaker"): 0,
        ("device_missing", "ring"): 0,
        ("temperature_celsius",): 52,
        ("undervoltage",): 0,
        ("own_memory_bytes",): 57.4e6,
        ("memory_available_bytes",): 3e9,
        ("disk_free_bytes",): 20e9,
        ("disk_read_only",): 0,
        ("clock_synchronised",): 1,
        ("wifi_power_save",): 0,
    }


def test_what_is_not_known_is_left_out_and_not_zero():
    unknown = replace(RECORD.turns, release_to_sound=Spread(None, None), press_to_silence=Spread(None, None))
    link = replace(RECORD.link, round_trip_ms=None, up=False)
    found = read(replace(RECORD, board=nothing_known(), turns=unknown, link=link, missing=("ring",), score=25))
    assert {name for name, *_ in found} == {
        *("build_info", "uptime_seconds", "health_ratio", "link_up", "link_state_seconds", "link_reconnects_total"),
        *("turns_total", "utterances_dropped_total", "device_missing"),
    }
    assert (found["health_ratio",], found["link_up",], found["device_missing", "ring"]) == (0.25, 0, 1)


def test_every_name_is_ours_and_the_last_line_is_whole():
    text = exposition(RECORD)
    assert text.endswith("\n")
    assert all(line.startswith(("reading_corner_", "# HELP reading_corner_", "# TYPE ")) for line in text.splitlines())


def test_a_version_may_hold_anything():
    strange = 'a"b\\n\nc'
    assert ("build_info", strange) in read(replace(RECORD, version=strange))


def test_long_runs_lose_no_digits():
    assert read(replace(RECORD, up_s=31_536_000.5))["uptime_seconds",] == 31_536_000.5
