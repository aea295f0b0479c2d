"""
What becomes of everything the student says, whatever happens. Of speech long enough to be a turn this holds:

It is answered, or taken back by the student's own next press, or its loss is announced (a prompt, or the button's
fault scene): one of them, once. Only what was committed is answered. What is committed is one utterance, whole, in
order, once in a session. Two requests never meet at the service. And with the link up and the button released all
this comes about without any time limit running out.

The session, the uplink, the turns and the downlink are driven together, by random deeds, against a small model of
the service. Events are under way for a while in both directions, so that all races are met. Every 20 ms of speech
is recognisable: all its samples are its number.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.link.messages import Status
from agent.session.machine import State
from tests.link.reading_corner import A_TURN, Corner
from tests.link.service import OCCUPIED

DEEDS = [
    *["whole_turn", "answer", "link_up"] * 8,
    *["tap", "write_all", "link_flaps"] * 4,
    *["press", "release", "say_much", "captured", "flow", "write", "serve", "read"] * 4,
    *["speak", "hear", "replies", "ends", "link_lost"] * 3,
    *["link_replaced", "link_refused", "link_limited", "clock_wrong", "time", "stuck"],
    *["fails", "goes_deaf", "turns_moody"],
]
LESSONS = st.lists(st.sampled_from(DEEDS), min_size=25, max_size=80)
INTRUSIONS = st.lists(st.sampled_from([*DEEDS, *["intrudes"] * 6]), min_size=25, max_size=80)


def do(corner, deed):
    service = corner.service
    match deed:
        case "replies" | "ends" | "fails" | "goes_deaf" | "turns_moody" | "intrudes" if service is None:
            pass
        case "replies":
            service.speak()
        case "ends":
            service.end()
        case "fails":
            service.end(Status.FAILED, "rate_limit_exceeded")
        case "goes_deaf":
            service.deaf = True
        case "turns_moody":
            service.moody = True
        case "intrudes":
            service.begin()
        case _:
            getattr(corner, deed)()
    assert corner.uplink.turn is None or not corner.session.is_resting, "speech is kept for nobody"


def lived(deeds):
    """A corner after a lesson, settled."""
    corner = Corner()
    for deed in deeds:
        do(corner, deed)
    corner.settle()
    return corner


def turns_of(corner):
    """Turns whose speech was long enough by itself and all of it was taken in, with its frames."""
    frames = {turn: [n for n in said if n not in corner.not_taken] for turn, said in corner.spoken.items()}
    return {turn: said for turn, said in frames.items() if len(said) >= A_TURN}


def owners(corner, item):
    """The turns whose speech is in a committed item."""
    return {turn for turn, said in corner.spoken.items() if {*said} & {*item}}


lessons = settings(max_examples=50, deadline=None)


@lessons
@given(LESSONS)
def test_what_is_committed_is_one_utterance_in_order_whole_and_once_in_a_session(deeds):
    corner = lived(deeds)
    for service in corner.services:
        numbers = [number for item in service.items for number in item]
        assert numbers == sorted(set(numbers))
        for item in service.items:
            turns = owners(corner, item)
            assert any(turns <= utterance for utterance in corner.utterances)
            assert {number for turn in turns for number in corner.spoken[turn]} - corner.not_taken <= {*item}


@lessons
@given(LESSONS)
def test_every_utterance_is_answered_or_taken_back_or_its_loss_is_announced_and_only_one_of_them(deeds):
    corner = lived(deeds)
    for turn in turns_of(corner):
        assert corner.fates[turn] in [{fate: 1} for fate in ("answered", "withdrawn", "dropped", "refused")]
    for turn in corner.replied_to:
        assert corner.fates[turn] == {"answered": 1}


@lessons
@given(LESSONS)
def test_what_was_answered_was_committed(deeds):
    corner = lived(deeds)
    committed = {number for service in corner.services for item in service.items for number in item}
    for turn, said in turns_of(corner).items():
        assert {*said} <= committed or "answered" not in corner.fates[turn]


@lessons
@given(LESSONS)
def test_a_service_that_keeps_the_rules_never_has_two_requests_at_once_and_no_turn_is_left_hanging(deeds):
    corner = lived(deeds)
    assert OCCUPIED not in {code for service in corner.services for code in service.refused}
    assert corner.session.state in (State.READY, State.UNANSWERED)
    assert corner.uplink.turn is None


@lessons
@given(INTRUSIONS)
def test_responses_nobody_asked_for_leave_no_turn_hanging_either(deeds):
    corner = lived(deeds)
    assert corner.session.state in (State.READY, State.UNANSWERED)
    assert corner.uplink.turn is None
