"""What is counted, and for how long it counts."""

from agent.health.record import Spread, TurnNumbers
from agent.health.tally import HOUR, LAST, MOMENTS, Tally, spread


class Corner:
    """A tally whose clock is moved by hand."""

    def __init__(self):
        self.now = 100.0
        self.tally = Tally(lambda: self.now)

    def later(self, seconds):
        self.now += seconds
        return self

    def up(self):
        self.tally.note("link", up=True, why="")
        return self

    def down(self, why="cut", verdict="retry"):
        self.tally.note("link", up=False, why=why, verdict=verdict, retry_ms=0)
        return self

    def turn(self, **numbers):
        self.tally.note("turn", **TurnNumbers(**{"turn": 1, "end": "heard"} | numbers).as_facts())
        return self


def test_the_link_is_told_with_its_age_and_reason():
    corner = Corner().later(3)
    assert (corner.tally.link().up, corner.tally.link().since_s) == (False, 3.0)
    corner.up().later(60)
    assert (corner.tally.link().up, corner.tally.link().since_s, corner.tally.link().why) == (True, 60.0, "")
    corner.down("no connection (gaierror)").later(5).down("refused with HTTP 401").later(2)
    link = corner.tally.link()
    assert (link.up, link.since_s, link.why) == (False, 7.0, "refused with HTTP 401")


def test_many_tries_are_one_reconnect():
    corner = Corner().down().down().up()
    assert corner.tally.link().reconnects == 0, "the first connection is none"
    corner.down().down().down().up()
    assert corner.tally.link().reconnects == corner.tally.recent().losses == 1


def test_a_planned_close_counts_only_if_the_relay_is_away_for_longer_than_a_restart_takes():
    corner = Corner().up().down(verdict="planned").up()
    assert corner.tally.link().reconnects == corner.tally.recent().losses == 0
    corner.down(verdict="planned").later(29).down(verdict="retry").up()
    assert corner.tally.link().reconnects == 0
    corner.down(verdict="planned").down(verdict="retry").later(31).down(verdict="retry").up()
    assert corner.tally.link().reconnects == 1


def test_turns_are_counted_by_their_ends_and_the_last_ones_kept():
    corner = Corner()
    for number in range(30):
        corner.turn(turn=number, release_to_sound_ms=number * 10, round_trip_ms=number)
    corner.turn(end="interrupted", press_to_silence_ms=6).turn(end="unanswered")
    corner.tally.note("dropped", turn=9, ms=800)
    turns = corner.tally.turns()
    assert (turns.heard, turns.interrupted, turns.unanswered, turns.dropped) == (30, 1, 1, 1)
    assert len(turns.last) == LAST
    assert turns.last[-1].end == "unanswered"
    assert turns.release_to_sound == Spread(200, 290)
    assert turns.press_to_silence == Spread(6, 6)
    assert corner.tally.link().round_trip_ms == 29


def test_percentiles_are_of_the_nearest_rank():
    assert spread(range(1, 21)) == Spread(10, 19)
    assert spread([None, 7]) == Spread(7, 7)
    assert spread([None]) == Spread(None, None)


def test_after_an_hour_nothing_of_it_is_recent_but_all_of_it_was():
    corner = Corner().up().down().up().turn()
    corner.tally.note("dropped", turn=1, ms=800)
    assert (len(corner.tally.recent().turns), corner.tally.recent().losses, corner.tally.recent().dropped) == (1, 1, 1)
    corner.later(HOUR)
    assert (corner.tally.recent().turns, corner.tally.recent().losses, corner.tally.recent().dropped) == ((), 0, 0)
    assert (corner.tally.turns().heard, corner.tally.turns().dropped, corner.tally.link().reconnects) == (1, 1, 1)


def test_lost_devices_are_missing_until_they_are_found():
    corner = Corner()
    for which, found in (
        ("ring", False),
        ("microphone", False),
        ("microphone", False),
        ("ring", True),
        ("speaker", True),
    ):
        corner.tally.note("device", which=which, found=found, what="")
    assert corner.tally.missing() == ("microphone",)


def test_a_bad_hour_is_counted_up_to_a_hundred():
    corner = Corner().up()
    for _ in range(3 * MOMENTS):
        corner.down().up().tally.note("dropped", turn=1, ms=800)
    corner.tally.note("scene", name="ready")
    assert corner.tally.recent().losses == corner.tally.recent().dropped == MOMENTS
    assert corner.tally.link().reconnects == 3 * MOMENTS
