"""The school bell on virtual time."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.bell import LOOK_S, Bell, wall_clock
from agent.school_hours import school_hours
from agent.session.events import HoursClosed, HoursOpened
from tests.clock import jumping

ATLANTIC = ZoneInfo("America/Puerto_Rico")
SCHOOL = school_hours(["mon-fri 07:00-15:30"])
FRIDAY = datetime(2026, 11, 20, 12, 0, 0, 500_000, ATLANTIC)
SUNDAY = FRIDAY + timedelta(days=2)


class Wall:
    """A clock on the wall, and all that is told of it with its time of day."""

    def __init__(self, begin, is_synchronised):
        self.loop, self.begin, self.is_synchronised = asyncio.get_running_loop(), begin, is_synchronised
        self.told = []

    def now(self):
        return self.begin + timedelta(seconds=self.loop.time())

    def tell(self, fact):
        self.told.append((fact, self.now()))


def passed(begin, hours=SCHOOL, *, days, is_synchronised=None, meanwhile=lambda wall: None):
    """What a bell told in so many days, `meanwhile` having come in the middle of them."""

    async def story():
        wall = Wall(begin, is_synchronised)
        ringing = asyncio.create_task(Bell(hours, wall.tell, wall.now, lambda: wall.is_synchronised).run())
        await asyncio.sleep(days * 43_200)
        meanwhile(wall)
        await asyncio.sleep(days * 43_200)
        ringing.cancel()
        await asyncio.wait([ringing])
        return wall

    return jumping(story())


def test_the_bell_rings_to_the_second_and_not_on_sundays():
    wall = passed(FRIDAY, days=4)
    assert [(type(fact), at.strftime("%a %H:%M:%S")) for fact, at in wall.told] == [
        (HoursClosed, "Fri 15:30:00"),
        (HoursOpened, "Mon 07:00:00"),
        (HoursClosed, "Mon 15:30:00"),
        (HoursOpened, "Tue 07:00:00"),
    ]


def test_a_device_that_is_switched_on_on_a_sunday_is_quiet_at_once():
    [(fact, at)] = passed(SUNDAY, days=0.01).told
    assert (fact, at) == (HoursClosed(), SUNDAY)


def test_without_hours_nothing_is_ever_told():
    assert passed(SUNDAY, school_hours([]), days=1).told == []


def test_a_clock_that_is_stepped_is_believed_soon():
    def stepped(wall):
        wall.begin -= timedelta(days=2)

    wall = passed(SUNDAY, days=0.01, meanwhile=stepped)
    assert [fact for fact, _ in wall.told] == [HoursClosed(), HoursOpened()]
    assert wall.told[1][1] - (SUNDAY - timedelta(days=2)) <= timedelta(seconds=432 + LOOK_S)


def test_a_clock_that_was_never_set_closes_nothing():
    assert passed(datetime(1970, 1, 4, 3, 0, tzinfo=ATLANTIC), days=1).told == []


def test_nor_does_one_that_still_waits_for_the_network():
    def set_now(wall):
        wall.is_synchronised = True

    [(fact, at)] = passed(SUNDAY, days=0.01, is_synchronised=False, meanwhile=set_now).told
    assert fact == HoursClosed()
    assert at > SUNDAY


@pytest.mark.parametrize(("timezone", "hours"), [("America/Puerto_Rico", -4), ("Asia/Tokyo", 9)])
def test_the_time_of_day_is_the_schools_own(timezone, hours):
    assert wall_clock(timezone)().utcoffset() == timedelta(hours=hours)
