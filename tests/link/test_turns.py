"""Which response is alive and how much of it was heard. Numbers in names: sections of the protocol's rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.link.messages import CancelResponse, CreateResponse, Truncate
from agent.link.turns import DEAD_KEPT, PARTS_KEPT, Turns
from agent.units import SAMPLES_PER_MS, Part


@pytest.fixture
def turns():
    return Turns()


def running(turns, turn=1, response_id="resp_1"):
    """Turns with a reply of ours on its way."""
    assert turns.ask(turn) == (CreateResponse(),)
    assert turns.created(response_id) == ()
    return turns


def part(item=1, response_id="resp_1", index=0):
    return Part(response_id, f"item_{item}", index)


def ms(length):
    return length * SAMPLES_PER_MS


# 2.2 The slot


def test_2_2_a_reply_is_of_the_turn_that_asked_for_it(turns):
    running(turns)
    assert turns.turn_of("resp_1") == 1
    assert turns.running() == ("resp_1", 1)


def test_2_2_one_response_at_a_time_a_request_waits_for_done(turns):
    running(turns)
    turns.cancel()
    assert turns.ask(2) == ()
    assert turns.done("resp_0") == ()
    assert turns.done("resp_1") == (CreateResponse(),)
    turns.created("resp_2")
    assert turns.turn_of("resp_2") == 2


def test_2_2_the_slot_is_free_when_the_reply_is_done(turns):
    running(turns)
    assert turns.done("resp_1") == ()
    assert turns.running() is None
    assert turns.ask(2) == (CreateResponse(),)


def test_2_2_a_request_that_waits_can_be_taken_back(turns):
    running(turns)
    turns.cancel()
    turns.ask(2)
    turns.cancel()
    assert turns.done("resp_1") == ()


def test_2_2_a_cancel_before_created_is_made_by_id_when_the_response_appears(turns):
    turns.ask(1)
    assert turns.cancel() == ()
    assert turns.created("resp_1") == (CancelResponse("resp_1"),)
    assert turns.turn_of("resp_1") is None
    assert turns.ask(2) == ()
    assert turns.done("resp_1") == (CreateResponse(),)


def test_2_2_a_cancel_names_the_response_and_is_sent_once(turns):
    running(turns)
    assert turns.cancel() == (CancelResponse("resp_1"),)
    assert turns.cancel() == ()


def test_2_2_a_cancel_after_done_sends_nothing(turns):
    running(turns).done("resp_1")
    assert turns.cancel() == ()


def test_2_2_done_without_created_is_the_end_of_the_reply_that_was_asked_for(turns):
    turns.ask(1)
    assert turns.turn_of("resp_1") == 1
    turns.done("resp_1")
    assert turns.running() is None
    assert turns.ask(2) == (CreateResponse(),)


def test_2_2_done_without_created_of_a_doomed_reply_frees_the_slot_and_buries_it(turns):
    turns.ask(1)
    turns.cancel()
    turns.ask(2)
    assert turns.done("resp_1") == (CreateResponse(),)
    assert turns.turn_of("resp_1") is None
    assert turns.turn_of("resp_2") == 2


def test_2_2_created_that_comes_late_or_twice_does_not_end_the_reply(turns):
    turns.ask(1)
    turns.turn_of("resp_1")
    assert turns.created("resp_1") == ()
    assert turns.running() == ("resp_1", 1)


def test_2_2_created_of_a_response_that_is_over_is_not_the_next_reply(turns):
    running(turns).done("resp_1")
    turns.ask(2)
    assert turns.created("resp_1") == ()
    assert turns.turn_of("resp_1") is None
    assert turns.turn_of("resp_2") == 2


def test_2_2_a_done_without_a_name_ends_nothing(turns):
    turns.ask(1)
    assert turns.turn_of("") is None
    assert turns.done("") == ()
    assert turns.ask(2) == ()


# 2.1 Errors about a request


def test_2_1_an_active_response_error_asks_again_when_that_response_is_done(turns):
    turns.ask(1)
    turns.occupied()
    assert turns.ask(1) == ()
    assert turns.done("resp_of_somebody") == (CreateResponse(),)
    assert turns.turn_of("resp_of_somebody") is None
    assert turns.turn_of("resp_1") == 1


def test_2_1_an_active_response_error_about_a_doomed_request_keeps_the_one_that_waits(turns):
    turns.ask(1)
    turns.cancel()
    turns.ask(2)
    turns.occupied()
    assert turns.done("resp_of_somebody") == (CreateResponse(),)
    assert turns.turn_of("resp_2") == 2


def test_2_1_after_an_active_response_error_a_turn_can_still_be_taken_back(turns):
    turns.ask(1)
    turns.occupied()
    assert turns.cancel() == ()
    assert turns.done("resp_of_somebody") == ()


def test_2_1_a_refused_request_frees_the_slot_and_names_the_turn(turns):
    turns.ask(1)
    assert turns.refused() == (1, ())
    assert turns.ask(2) == (CreateResponse(),)


def test_2_1_a_refused_request_that_was_doomed_concerns_nobody_and_lets_the_next_one_go(turns):
    turns.ask(1)
    turns.cancel()
    turns.ask(2)
    assert turns.refused() == (None, (CreateResponse(),))


def test_2_1_errors_about_a_request_that_was_served_after_all_change_nothing(turns):
    running(turns)
    turns.occupied()
    assert turns.refused() == (None, ())
    assert turns.running() == ("resp_1", 1)


# 2.4 and 6.19 Responses nobody asked for


def test_6_19_an_unasked_response_is_cancelled_by_id_and_dropped(turns):
    assert turns.created("idle") == (CancelResponse("idle"),)
    assert turns.turn_of("idle") is None
    assert turns.ask(1) == ()
    assert turns.done("idle") == (CreateResponse(),)


def test_6_19_an_unasked_response_beside_ours_is_cancelled_and_ours_goes_on(turns):
    running(turns)
    assert turns.created("idle") == (CancelResponse("idle"),)
    assert turns.done("idle") == ()
    assert turns.running() == ("resp_1", 1)


# 2.7 Late deltas


def test_2_7_late_deltas_of_a_cancelled_reply_are_nobodys(turns):
    running(turns)
    turns.cancel()
    assert turns.turn_of("resp_1") is None


def test_2_7_late_deltas_are_nobodys_even_after_done_and_after_the_next_request(turns):
    running(turns)
    turns.cancel()
    turns.ask(2)
    turns.done("resp_1")
    assert turns.turn_of("resp_1") is None
    assert turns.created("resp_2") == ()
    assert turns.turn_of("resp_1") is None
    assert turns.turn_of("resp_2") == 2


def test_2_7_nothing_is_taken_of_a_reply_behind_its_end(turns):
    running(turns).done("resp_1")
    assert turns.turn_of("resp_1") is None


def test_2_7_as_many_dead_responses_are_remembered_as_may_still_speak_and_no_more(turns):
    for n in range(10 * DEAD_KEPT):
        turns.created(f"idle_{n}")
        turns.done(f"idle_{n}")
    turns.ask(1)
    assert turns.turn_of(f"idle_{9 * DEAD_KEPT}") is None
    assert turns.turn_of("idle_0") == 1


# 2.3 Truncate


def silenced(turns, received, heard):
    """The truncates for parts of which so many milliseconds came in and so many samples were heard."""
    for one, length in received.items():
        turns.received(one, ms(length))
    return turns.silenced(heard)


def test_2_3_truncate_tells_what_was_heard_in_whole_milliseconds_rounded_down(turns):
    assert silenced(turns, {part(): 1000}, {part(): ms(400) + 23}) == (Truncate("item_1", 0, 400),)


def test_2_3_truncate_counts_all_that_came_of_the_part(turns):
    turns.received(part(), ms(300))
    assert silenced(turns, {part(): 300}, {part(): ms(400)}) == (Truncate("item_1", 0, 400),)


@pytest.mark.parametrize(("unheard", "cut"), [(ms(150) - 1, False), (ms(150), True), (0, False), (-5, False)])
def test_2_3_truncate_is_not_sent_when_less_than_150_ms_were_cut(turns, unheard, cut):
    assert bool(silenced(turns, {part(): 1000}, {part(): ms(1000) - unheard})) is cut


def test_2_3_truncate_at_0_ms_for_a_part_that_never_sounded(turns):
    received = {part(1): 500, part(2): 500, part(2, index=1): 100}
    heard = {part(1): ms(200), part(2): 0, part(2, index=1): 0}
    assert silenced(turns, received, heard) == (Truncate("item_1", 0, 200), Truncate("item_2", 0, 0))


def test_2_3_truncate_is_not_sent_for_what_this_session_never_sent(turns):
    assert turns.silenced({part(): 0}) == ()


def test_2_3_truncate_is_sent_once_for_a_part(turns):
    silenced(turns, {part(): 1000}, {part(): 0})
    assert turns.silenced({part(): 0}) == ()


def test_2_3_truncate_works_after_the_response_was_cancelled_or_done(turns):
    running(turns)
    turns.received(part(), ms(1000))
    turns.cancel()
    turns.done("resp_1")
    assert turns.silenced({part(): ms(10)}) == (Truncate("item_1", 0, 10),)


def test_2_2_several_items_of_one_response_are_measured_each_for_itself(turns):
    running(turns)
    turns.received(part(1), ms(1000))
    turns.received(part(2), ms(2000))
    assert turns.has_audio("resp_1")
    assert not turns.has_audio("resp_2")
    assert turns.silenced({part(1): ms(1000), part(2): ms(300)}) == (Truncate("item_2", 0, 300),)


def test_lengths_of_parts_are_kept_for_the_last_ones_only(turns):
    received = {part(n): 1000 for n in range(10 * PARTS_KEPT)}
    cuts = silenced(turns, received, dict.fromkeys(received, 0))
    assert [cut.item_id for cut in cuts] == [f"item_{n}" for n in range(9 * PARTS_KEPT, 10 * PARTS_KEPT)]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 300_000))
def test_2_3_truncate_never_says_more_than_was_heard_and_stays_85_ms_below_what_came(received, heard):
    cuts = silenced(Turns(), {part(): received}, {part(): heard})
    for cut in cuts:
        assert cut.audio_end_ms * SAMPLES_PER_MS <= heard < (cut.audio_end_ms + 1) * SAMPLES_PER_MS
        assert cut.audio_end_ms <= received - 85
