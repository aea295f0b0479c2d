"""How a person at the terminal is asked, and understood."""

import pytest

from hw_tests.person import Deed, LeftOut, Nobody, Somebody, left_out


@pytest.fixture
def somebody():
    """Somebody who types these lines; what was shown is in `shown`."""

    def make(*lines):
        typed, shown = iter(lines), []

        def ask(text):
            shown.append(text)
            return next(typed)

        return Somebody(ask, shown.append), shown

    return make


@pytest.mark.parametrize(("line", "seen"), [("y", True), ("Sí", True), ("yes", True), ("n", False), (" No ", False)])
def test_yes_is_understood_in_both_languages(somebody, line, seen):
    person, _ = somebody(line)
    assert person.sees("Does the ring show blue?") is seen


def test_an_answer_that_is_none_is_asked_for_again(somebody):
    person, shown = somebody("", "maybe", "y")
    assert person.sees("Blue?")
    assert len(shown) == 3


@pytest.mark.parametrize(
    ("lines", "number"), [(["62.5"], 62.5), (["62,5"], 62.5), (["loud", "70"], 70.0), ([""], None)]
)
def test_a_number_may_have_a_comma_or_be_missing(somebody, lines, number):
    person, _ = somebody(*lines)
    assert person.reads("dB(A)?") == number


def test_what_has_to_be_done_first_is_waited_for(somebody):
    person, shown = somebody("")
    person.does(Deed.PRESS)
    person.begins(Deed.RELEASE)
    assert shown == ["Please press the button and keep it down; Enter when done: ", "Please let the button go."]


def test_where_nobody_is_asked_everything_is_left_out():
    nobody = Nobody(left_out("--yes: nobody was asked"))
    for ask in (nobody.does, nobody.begins, nobody.sees, nobody.reads):
        with pytest.raises(LeftOut, match="nobody was asked"):
            ask(Deed.PRESS)
