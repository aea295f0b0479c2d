"""What observers are told, and that the numbers of a turn come before its end."""

import numpy as np
import pytest

from agent.link.backoff import Unreachable
from agent.session import events
from agent.tidings import Counts, Tidings
from agent.units import SAMPLES_PER_MS, Chunk, Part, Seconds, Turn

ONE, TWO = Turn(1), Turn(2)


class Corner:
    """Tidings, the counts they report, and what was noted."""

    def __init__(self):
        self.notes, self.counts, self.round_trip = [], Counts(), None
        self.tidings = Tidings(self, lambda: self.counts, lambda: self.round_trip)

    def note(self, kind, *, at=None, **facts):
        self.notes.append((kind, facts if at is None else facts | {"at": at}))

    def after(self, *told):
        for event in told:
            self.tidings.event(event)
        return self.notes


@pytest.fixture
def corner():
    return Corner()


def played(turn, **other):
    return ("played", {"turn": turn, "concealed_ms": 0, "underruns": 0, "overruns": 0} | other)


@pytest.mark.parametrize(
    ("event", "note"),
    [
        (events.UtteranceSent(ONE), ("commit", {"turn": 1})),
        (events.ReplyAudible(ONE), ("sound", {"turn": 1})),
        (events.LinkUp(), ("link", {"up": True, "why": ""})),
        (events.HoursClosed(), ("hours", {"open": False})),
        (events.HoursOpened(), ("hours", {"open": True})),
        (events.ButtonStuck(), ("trouble", {"name": "the button does not come up"})),
    ],
)
def test_facts_for_the_session_become_notes(corner, event, note):
    assert corner.after(event) == [note]


def test_what_is_the_sessions_own_business_is_not_noted(corner):
    assert corner.after(events.LinkLost(), events.StopAsked(), events.ReplyEnded(ONE)) == []


def test_the_numbers_of_a_turn_come_before_its_end_and_count_from_the_last_ones(corner):
    corner.counts = Counts(stalled=0, concealed=60 * SAMPLES_PER_MS, underruns=2, overruns=1)
    corner.after(events.ReplyAudible(ONE), events.ReplyDrained(ONE))
    corner.counts = Counts(stalled=500 * SAMPLES_PER_MS, concealed=80 * SAMPLES_PER_MS, underruns=2, overruns=4)
    corner.round_trip = Seconds(0.0416)
    corner.after(events.ReplyAudible(TWO), events.ReplyDrained(TWO))
    assert corner.notes == [
        ("sound", {"turn": 1}),
        played(1, concealed_ms=60, underruns=2, overruns=1),
        ("heard", {"turn": 1}),
        ("sound", {"turn": 2}),
        ("stall", {"turn": 2, "ms": 500}),
        played(2, concealed_ms=20, overruns=3, round_trip_ms=42),
        ("heard", {"turn": 2}),
    ]


def test_a_reply_that_was_made_silent_ends_there_and_not_again(corner):
    corner.after(events.ReplyAudible(ONE))
    corner.tidings.silenced(Seconds(7.5))
    corner.tidings.silenced(Seconds(7.6))
    corner.after(events.ReplyDrained(ONE))
    assert corner.notes[1:] == [played(1), ("silence", {"turn": 1, "at": 7.5})]


def test_what_is_no_event_of_the_session_is_noted_too(corner):
    corner.tidings.moved(Seconds(1.0), down=True)
    corner.tidings.arrived(Chunk(ONE, Part("r", "i", 0), np.zeros(480, np.int16), Seconds(2.0)))
    corner.tidings.device("ring", "shows again", found=True)
    corner.tidings.unknown("session.surprise")
    corner.tidings.link_down(Unreachable("gaierror"), Seconds(1.5))
    assert corner.notes[:4] == [
        ("button", {"down": True, "at": 1.0}),
        ("delta", {"turn": 1, "samples": 480, "at": 2.0}),
        ("device", {"which": "ring", "found": True, "what": "shows again"}),
        ("trouble", {"name": "session.surprise"}),
    ]
    kind, facts = corner.notes[4]
    assert (kind, facts["up"], facts["failure"]) == ("link", False, "name not found")
    assert (facts["verdict"], facts["retry_ms"]) == ("retry", 1500)
    assert facts["why"]
