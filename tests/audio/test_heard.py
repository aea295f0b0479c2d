from agent.audio.block import Span
from agent.audio.heard import Heard
from agent.units import EndOfReply, Part, Turn

ONE, TWO = Part("r1", "a", 0), Part("r1", "b", 0)
OTHER = Part("r2", "c", 0)


def content(start, length, part=ONE):
    return Span(start, length, Turn(1), part, is_content=True)


def bridge(start, length, part=ONE):
    return Span(start, length, Turn(1), part, is_content=False)


def ledger():
    """Output: 100 of ONE, 50 in between, 90 of ONE | 40 silent, 60 of TWO, then over."""
    heard = Heard()
    heard.expect(ONE)
    heard.expect(TWO)
    heard.wrote(1000, [content(0, 100), bridge(100, 50), content(150, 90)], [], 240)
    heard.wrote(1240, [content(40, 60, TWO)], [EndOfReply(Turn(1), "r1")], 240)
    return heard


def test_only_content_before_the_position_was_heard():
    for position, one, two in [(1000, 0, 0), (1001, 1, 0), (1100, 100, 0), (1149, 100, 0), (1151, 101, 0),
                               (1240, 190, 0), (1281, 190, 1), (1400, 190, 60)]:  # fmt: skip
        assert ledger().freeze(position) == {ONE: one, TWO: two}


def test_looking_on_the_way_changes_nothing():
    heard = ledger()
    for position in range(1000, 1200, 7):
        assert heard.drained(position) == []
    assert heard.freeze(1200) == {ONE: 150, TWO: 0}


def test_a_part_that_came_in_and_never_sounded_was_heard_for_nothing():
    heard = ledger()
    heard.expect(OTHER)
    assert heard.freeze(1100)[OTHER] == 0


def test_a_response_drains_when_its_last_block_was_heard_and_is_forgotten():
    heard = ledger()
    heard.expect(OTHER)
    assert heard.drained(1479) == []
    assert heard.drained(1480) == [EndOfReply(Turn(1), "r1")]
    assert heard.freeze(1480) == {OTHER: 0}


def test_after_an_interruption_nothing_is_known_any_more():
    heard = ledger()
    heard.freeze(1100)
    assert heard.drained(9999) == []
    assert heard.freeze(9999) == {}


def test_sound_of_a_response_that_goes_on_after_its_end_is_counted_afresh():
    heard = ledger()
    heard.drained(1480)
    heard.wrote(1480, [content(0, 240)], [], 240)
    assert heard.freeze(1500) == {ONE: 20}
