import asyncio
import sqlite3
from contextlib import closing

import pytest

from agent.errors import BadInput
from agent.relay.health import LARGEST, Reports, is_report
from agent.relay.registry import Registry
from tests.clock import jumping

RECORD = {"score": 96, "link": {"up": True}}
REPORT = {"type": "device.health", "health": RECORD}


@pytest.fixture
def file(tmp_path):
    """A registry as an older relay left it, with two devices and one that is revoked."""
    file = tmp_path / "tokens.sqlite"
    with closing(Registry(file)) as registry:
        for device in ("a", "b", "revoked"):
            registry.issue(device)
        registry.issue("a")
        registry.revoke("revoked")
    return file


def kept(file, *told):
    """Take these, (device, report, when), in one life of a relay; what the next one finds."""

    async def life():
        reports = Reports(file)
        async with reports.kept():
            return [reports.take(device, report, 100, at) for device, report, at in told]

    taken = asyncio.run(life())
    return taken, {device.id: (device.at, device.record) for device in Reports(file).devices()}


def test_the_newest_record_of_each_device_is_there_for_the_next_process_and_the_tokens_still_are(file):
    newer = {**REPORT, "health": {"score": 50}}
    taken, found = kept(file, ("a", REPORT, 10), ("a", newer, 20), ("revoked", REPORT, 20))
    assert taken == [True] * 3
    assert found == {"a": (20, {"score": 50}), "b": (None, None)}
    with closing(Registry(file)) as registry:
        assert len(registry.grants()) == 4


def test_a_record_need_not_wait_for_the_end_of_the_relay(file):
    async def life():
        reports = Reports(file)
        async with reports.kept():
            reports.take("a", REPORT, 100, 10)
            while reports.devices()[0].at is None:  # noqa: ASYNC110 -- the file is what is waited for
                await asyncio.sleep(1)

    jumping(life())


def test_an_older_record_does_not_replace_a_newer_one(file):
    kept(file, ("a", REPORT, 20))
    _, found = kept(file, ("a", {**REPORT, "health": {"score": 1}}, 10))
    assert found["a"] == (20, RECORD)


def nested(depth):
    inner = {}
    for _ in range(depth):
        inner = {"deeper": inner}
    return inner


@pytest.mark.parametrize(
    "health",
    [None, 96, [96], {}, {"score": None}, {"score": "96"}, {"score": float("nan")}, {"score": 1, "x": nested(100_000)}],
    ids=lambda health: str(type(health)) if isinstance(health, dict) and "x" in health else repr(health),
)
def test_what_is_no_record_is_not_taken(file, health):
    assert not Reports(file).take("a", {"type": "device.health", "health": health}, 100, 10)


def test_a_record_has_a_largest_size(file):
    reports = Reports(file)
    assert reports.take("a", REPORT, LARGEST, 10)
    assert not reports.take("a", REPORT, LARGEST + 1, 10)


def test_only_a_report_is_one():
    assert is_report(REPORT)
    for other in (None, [REPORT], {"type": "response.create"}, {}):
        assert not is_report(other)


def test_records_wait_for_a_disk_that_is_in_trouble_and_the_log_says_so_once(file, caplog):
    async def life():
        reports = Reports(file)
        with closing(sqlite3.connect(file)) as base:
            base.execute("ALTER TABLE health RENAME TO elsewhere")
            for _ in range(2):
                async with reports.kept():
                    reports.take("a", REPORT, 100, 10)
            base.execute("ALTER TABLE elsewhere RENAME TO health")
        async with reports.kept():
            pass

    asyncio.run(life())
    assert {device.id: device.record for device in Reports(file).devices()} == {"a": RECORD, "b": None}
    assert len(caplog.records) == 1


def test_a_file_that_is_no_registry_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match="expected a token registry"):
        Reports(tmp_path / "missing" / "tokens.sqlite")
