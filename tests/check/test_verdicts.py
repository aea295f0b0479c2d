"""A corner can teach when all that a turn needs was seen to work; nothing that is not known counts as good."""

import json

import pytest

from agent.check.verdicts import ESSENTIAL, Verdict, as_dict, can_teach, failed, not_checked, ok, summary, warning

ALL_WELL = tuple(ok(name, "fine") for name in ESSENTIAL)


def with_instead(check):
    return tuple(check if one.name == check.name else one for one in ALL_WELL)


def test_a_corner_where_all_that_is_essential_works_can_teach():
    assert can_teach(ALL_WELL)
    assert summary(ALL_WELL) == "This corner can teach: 4 ok."


def test_warnings_and_what_is_not_essential_and_unknown_do_not_keep_it_from_teaching():
    checks = (*with_instead(warning("microphone", "noisy", "find what hums")), not_checked("journal", "not seen"))
    assert can_teach(checks)
    assert summary(checks) == "This corner can teach: 3 ok, 1 warning, 1 not checked."


@pytest.mark.parametrize("name", ESSENTIAL)
def test_what_is_essential_and_not_known_is_not_good(name):
    assert not can_teach(with_instead(not_checked(name, "the agent has it")))
    assert not can_teach(check for check in ALL_WELL if check.name != name)


def test_anything_that_failed_keeps_it_from_teaching_and_is_named_once():
    checks = (*with_instead(failed("speaker", "pulled out", "plug it in")), failed("lgpio", "empty", "install it"))
    assert not can_teach(checks)
    assert summary(checks) == "This corner can not teach: speaker failed, lgpio failed."
    assert summary(ALL_WELL[1:]) == "This corner can not teach: microphone not checked."


@pytest.mark.parametrize("verdict", [warning, failed])
def test_bad_news_say_what_to_do(verdict):
    with pytest.raises(ValueError, match="nothing to do about it"):
        verdict("speaker", "pulled out", "")


def test_programs_get_all_of_it():
    told = as_dict((*ALL_WELL, not_checked("TLS", "no address")), "1.2")
    assert json.loads(json.dumps(told)) == told
    assert (told["can_teach"], told["version"], len(told["checks"])) == (True, "1.2", 5)
    assert told["checks"][-1] == {"name": "TLS", "verdict": "not checked", "found": "no address", "what_to_do": None}
    assert {one["verdict"] for one in told["checks"]} <= {verdict.value for verdict in Verdict}
