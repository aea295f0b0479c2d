import pytest

from agent.durations import duration


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_659, "1 h"),
        (11_520, "3 h 12 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 d"),
        (444_444, "5 d 3 h"),
    ],
)
def test_a_duration_has_one_unit_or_two(seconds, told):
    assert duration(seconds) == told
