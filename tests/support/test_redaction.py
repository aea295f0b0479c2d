"""What does not leave the school."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.relay.registry import Registry
from agent.support.redaction import redacted

FOREIGN = "eyJhbGciOi.a-token-of-another-relay"


@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_token_of_ours_is_masked_wherever_it_stands(before, after):
    token = Registry().issue("corner-17")
    assert token.split("_")[2] not in redacted(f"{before} {token} {after}", ())


@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_the_token_of_this_device_is_masked_whatever_its_form(before, after):
    assert FOREIGN not in redacted(before + FOREIGN + after, [FOREIGN])


@pytest.mark.parametrize(
    "line",
    [
        "student_id=maria-1234",
        "GET /v1?student_id=maria-1234&x=1",
        '{"transcript": "maria-1234 was here"}',
        "wss://relay.example/v1?who=maria-1234",
        "Authorization: maria-1234",
        "API_KEY = 'maria-1234'",
        "PASSWORD=maria-1234;",
    ],
)
def test_the_value_of_a_telling_key_is_masked(line):
    assert "maria" not in redacted(line, ())


def test_what_is_no_secret_is_left_to_read():
    told = "turn 3: first sound 310 ms after release, link up for 3 h; school escuela-1, short"
    assert redacted(told, ["", "short"]) == told
