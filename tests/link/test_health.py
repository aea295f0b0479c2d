import json

import pytest

from agent.link.health import FLOOR, REPORT, asked, report, request
from agent.units import Seconds


@pytest.mark.parametrize(("every", "told"), [(60, 60), (10.5, 10.5), (1, FLOOR), (0, 0)])
def test_a_request_says_how_often_and_never_too_often(every, told):
    words = json.dumps(request(Seconds(every)))
    assert asked(words) == asked(words.encode()) == told


@pytest.mark.parametrize("every", ["60", None, True, -1, 10**400, float("nan"), float("inf"), [60]])
def test_a_request_without_a_usable_interval_asks_for_nothing(every):
    assert asked(json.dumps({"type": "device.health.request", "every_s": every})) is None


@pytest.mark.parametrize(
    "message",
    [
        '{"type": "session.created"}',
        '{"type": "response.output_text.done", "text": "device.health.request", "every_s": 60}',
        '["device.health.request"]',
        "device.health.request",
        "[" * 50_000 + '"device.health.request"',
        b"\xffdevice.health.request",
    ],
)
def test_nothing_else_asks(message):
    assert asked(message) is None


def test_a_report_is_one_event_with_an_id_of_its_own():
    first, second = (json.loads(report({"score": 96}, number)) for number in (1, 2))
    assert (first["type"], first["health"]) == (REPORT, {"score": 96})
    assert first["event_id"] != second["event_id"]
