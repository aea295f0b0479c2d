"""Secrets: seen by their shape, and in other people's texts by what stands before them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.journal.masking import masked, masked_thoroughly

SECRET = "S3cr3tS3cr3tS3cr3t"


@pytest.mark.parametrize(
    "text",
    [
        f"closed after rct_0123456789abcdef_{SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"jwt eyJhbGciOiJIUzI1NiJ9.{SECRET}.{SECRET}",
        f"key sk-proj-{SECRET}",
        f"subprotocol realtime, openai-insecure-api-key.{SECRET}",
        f"dialling wss://relay.example/live?device_id=d&key={SECRET}",
        f"GET https://relay.example#{SECRET} HTTP/1.1",
        f"proxy http://user:{SECRET}@proxy.example:3128/",
    ],
)
def test_what_looks_like_a_secret_is_masked_in_any_text(text):
    assert SECRET not in masked(text)
    assert SECRET not in masked_thoroughly(text)


@pytest.mark.parametrize(
    "text",
    [
        f"token={SECRET}",
        f"{{'api_key': '{SECRET}', 'x': 1}}",
        f'"student_id": "{SECRET} and more"',
        f"transcript: {SECRET}",
        f"Set-Cookie: {SECRET}; path=/",
        f"x-api-key = b'{SECRET}",
    ],
)
def test_what_stands_behind_a_telling_name_is_masked_in_other_peoples_texts(text):
    assert SECRET not in masked_thoroughly(text)


@pytest.mark.parametrize(
    "text",
    [
        "no device token: credential device-token is not there; variable READING_CORNER_TOKEN is not set",
        "link down, token refused: refused with HTTP 401",
        "unreachable (TimeoutError) at wss://relay.example/realtime",
    ],
)
def test_our_own_words_stay_readable(text):
    assert masked(text) == text


@given(st.text(), st.text("0123456789abcdef", min_size=16, max_size=16), st.text())
def test_no_device_token_gets_through_whatever_is_around_it(before, name, after):
    token = f"rct_{name}_{SECRET}"
    assert SECRET not in masked(before + token + after)
    assert SECRET not in masked_thoroughly(before + token + after)
