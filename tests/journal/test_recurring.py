"""Failures: the first is news, repeats are not, and the end tells how long it was."""

from agent.journal.recurring import REMIND_AFTER, Recurring


def test_the_first_failure_is_news_and_repeats_are_not():
    link = Recurring()
    assert [link.failed("unreachable", at).is_news for at in (0.0, 1.0, 3.0)] == [True, False, False]


def test_a_recovery_tells_how_long_it_was_and_how_many_tries():
    link = Recurring()
    for at in (2.0, 3.0, 5.0):
        link.failed("unreachable", at)
    whole = link.recovered(12.0)
    assert (whole.lasted, whole.tries, whole.kinds) == (10.0, 3, {"unreachable"})


def test_what_was_not_broken_can_not_recover():
    link = Recurring()
    assert link.recovered(1.0) is None
    link.failed("lost", 2.0)
    link.recovered(3.0)
    assert link.recovered(4.0) is None


def test_another_kind_is_news_but_two_that_take_turns_are_not_for_ever():
    link = Recurring()
    kinds = ["name not found", "token refused", "name not found", "token refused"]
    assert [link.failed(kind, at).is_news for at, kind in enumerate(kinds)] == [True, True, False, False]


def test_after_a_recovery_the_same_failure_is_news_again():
    link = Recurring()
    link.failed("lost", 0.0)
    link.recovered(1.0)
    again = link.failed("lost", 2.0)
    assert (again.is_news, again.tries, again.lasted) == (True, 1, 0.0)


def test_what_lasts_is_told_again_once_a_day():
    link = Recurring()
    hours = [link.failed("unreachable", 3600.0 * hour).is_news for hour in range(73)]
    assert [hour for hour, is_news in enumerate(hours) if is_news] == [0, 24, 48, 72]
    assert REMIND_AFTER == 24 * 3600
