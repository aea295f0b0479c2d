"""When school is on, in minutes of the week."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import BadInput
from agent.school_hours import DAY, DAYS, EXPECTED, WEEK, SchoolHours, school_hours

WEEKDAYS = school_hours(["mon-fri 07:00-15:30"])


def at(day, hour, minute=0):
    return DAYS.index(day) * DAY + 60 * hour + minute


@pytest.mark.parametrize(
    ("minute", "is_open"),
    [
        (at("mon", 6, 59), False),
        (at("mon", 7), True),
        (at("wed", 12), True),
        (at("fri", 15, 29), True),
        (at("fri", 15, 30), False),
        (at("sat", 12), False),
        (at("sun", 23, 59), False),
    ],
)
def test_school_is_on_from_the_first_minute_to_the_one_before_the_last(minute, is_open):
    assert WEEKDAYS.is_open(minute) is is_open


@pytest.mark.parametrize(
    ("minute", "change"),
    [
        (at("mon", 6, 59), at("mon", 7)),
        (at("mon", 7), at("mon", 15, 30)),
        (at("thu", 15, 30), at("fri", 7)),
        (at("fri", 15, 30), at("mon", 7) + WEEK),
    ],
)
def test_the_next_change_may_be_after_a_night_or_a_weekend(minute, change):
    assert WEEKDAYS.next_change(minute) == change - minute


def test_hours_that_meet_or_overlap_are_one_stretch():
    hours = school_hours(["tue 8:00-12:00", "tue 12:00-14:00", "mon-wed 13:00-15:00"])
    assert hours.next_change(at("tue", 9)) == 6 * 60


def test_a_day_may_last_until_midnight_and_go_on_in_the_next():
    hours = school_hours(["sun 20:00-24:00", "mon 00:00-04:00"])
    assert hours.is_open(WEEK - 1)
    assert hours.next_change(at("sun", 21)) == 7 * 60


@pytest.mark.parametrize("written", [[], ["mon-sun 00:00-24:00"]])
def test_what_is_always_open_never_changes(written):
    hours = school_hours(written)
    assert all(hours.is_open(minute) and hours.next_change(minute) is None for minute in (0, 777, WEEK - 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mon-fri",
        "07:00-15:30",
        "mon-fri 07:00 - 15:30",
        "lun-vie 07:00-15:30",
        "mon-xyz 07:00-15:30",
        "fri-mon 07:00-15:30",
        "mon 15:30-07:00",
        "mon 07:00-07:00",
        "mon 07:60-08:00",
        "mon 07:00-24:01",
        "mon \u0660\u0667:00-15:30",
    ],
)
def test_what_is_no_time_of_a_week_is_refused_in_one_line(text):
    with pytest.raises(BadInput) as refused:
        school_hours(["mon-fri 07:00-15:30", text])
    assert str(refused.value) == f"hours.open: found {text!r}; expected {EXPECTED}"


EDGES = st.lists(st.integers(0, WEEK), min_size=2, max_size=2, unique=True).map(sorted).map(tuple)


@settings(max_examples=100, deadline=None)
@given(st.lists(EDGES, min_size=1, max_size=4).map(tuple), st.integers(0, WEEK - 1))
def test_between_now_and_the_next_change_nothing_changes_and_then_it_does(spans, minute):
    hours = SchoolHours(spans)
    change = hours.next_change(minute)
    meanwhile = {hours.is_open((minute + after) % WEEK) for after in range(change or WEEK)}
    assert meanwhile == {hours.is_open(minute)}
    assert change is None or hours.is_open((minute + change) % WEEK) is not hours.is_open(minute)
