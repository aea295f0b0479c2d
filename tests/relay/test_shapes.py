import pytest

from agent.relay.shapes import (
    DEEPEST,
    Refused,
    anything,
    array,
    decoded,
    either,
    fields,
    flag,
    nullable,
    number,
    one_of,
    text,
    whole,
)

A_FIELD = fields({"must": flag}, {"may": whole(0)})


def nested(levels):
    value = []
    for _ in range(levels):
        value = [{"in": value}]
    return value


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (text(3), "abc"),
        (whole(0), 10**30),
        (whole(1, 2), 2),
        (number(0, 1), 0.5),
        (one_of("a", "b"), "b"),
        (flag, False),
        (nullable(flag), None),
        (nullable(flag), True),
        (either(one_of("inf"), whole(1)), "inf"),
        (either(one_of("inf"), whole(1)), 1),
        (array(flag, 2), [True, False]),
        (A_FIELD, {"must": True, "may": 1}),
        (anything, {"a": [{"b": nested(5)}]}),
    ],
)
def test_what_fits_is_let_through(shape, value):
    shape(value, "it")


@pytest.mark.parametrize(
    ("shape", "value", "code", "param"),
    [
        (text(3), 5, "invalid_type", "it"),
        (text(3), "abcd", "string_above_max_length", "it"),
        (whole(0), True, "invalid_type", "it"),
        (whole(0), 1.0, "invalid_type", "it"),
        (whole(0), -1, "invalid_value", "it"),
        (whole(1, 2), 3, "invalid_value", "it"),
        (number(0, 1), "0", "invalid_type", "it"),
        (number(0, 1), True, "invalid_type", "it"),
        (number(0, 1), float("nan"), "invalid_value", "it"),
        (one_of("a"), ["a"], "invalid_value", "it"),
        (flag, 1, "invalid_type", "it"),
        (either(one_of("inf"), whole(1)), 0, "invalid_value", "it"),
        (array(flag, 2), {}, "invalid_type", "it"),
        (array(flag, 2), [], "invalid_value", "it"),
        (array(flag, 2), [True, 1], "invalid_type", "it[1]"),
        (A_FIELD, [], "invalid_type", "it"),
        (A_FIELD, {}, "missing_required_parameter", "it.must"),
        (A_FIELD, {"must": True, "more": 1}, "unknown_parameter", "it.more"),
        (A_FIELD, {"must": True, "may": -1}, "invalid_value", "it.may"),
        (anything, nested(DEEPEST), "invalid_value", "it"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_never_quoted(shape, value, code, param):
    with pytest.raises(Refused) as refused:
        shape(value, "it")
    assert (refused.value.code, refused.value.param) == (code, param)


def test_fields_of_the_event_itself_have_plain_names():
    with pytest.raises(Refused) as refused:
        A_FIELD({}, "")
    assert refused.value.param == "must"
    with pytest.raises(Refused) as refused:
        A_FIELD(None, "")
    assert refused.value.param is None


def test_base64_may_hold_half_a_sample_but_must_be_whole_itself():
    assert decoded("AAAA") == b"\0\0\0"
    for broken in ("AAA", "A\nAAA", "ñ", "\ud800"):
        with pytest.raises(Refused, match="base64"):
            decoded(broken)
