import json

import pytest

from agent.link.rotation import is_receipt, offered, rotate, rotated

TOKEN = "rct_0123456789abcdef_" + "5" * 72
GOOD = rotate("0123456789abcdef", TOKEN, 1_800_000_000)


def test_a_new_token_is_read_with_the_name_by_which_its_receipt_is_told():
    for message in (json.dumps(GOOD), json.dumps(GOOD).encode()):
        offer = offered(message)
        assert (offer.token_id, offer.token.reveal()) == ("0123456789abcdef", TOKEN)
        assert TOKEN not in repr(offer)


def test_a_token_of_another_form_is_taken_too():
    jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI3In0." + "x" * 86
    assert offered(json.dumps({**GOOD, "token": jwt, "token_id": "urn:uuid:7"})).token.reveal() == jwt


@pytest.mark.parametrize(
    "change",
    [
        {"token": None},
        {"token": "short"},
        {"token": "x" * 5000},
        {"token": "two words, long enough"},
        {"token": "line\nbreak, long enough"},
        {"token": "ñandú_ñandú_ñandú"},
        {"token_id": ""},
        {"token_id": 7},
        {"token_id": "x" * 200},
        {"type": "device.token.rotate.soon"},
        {"type": "error"},
    ],
)
def test_what_can_not_be_one_is_left_for_the_session_to_find_unknown(change):
    assert offered(json.dumps({**GOOD, **change})) is None


@pytest.mark.parametrize(
    "message",
    ["{", "[" * 9999 + '"device.token.rotate"', '["device.token.rotate"]', b"\xffdevice.token.rotate", '{"type": "x"}'],
)
def test_other_messages_are_no_tokens(message):
    assert offered(message) is None


def test_a_receipt_names_the_token_and_holds_none():
    receipt = json.loads(rotated("0123456789abcdef"))
    assert is_receipt(receipt)
    assert receipt["token_id"] == "0123456789abcdef"
    assert not any(is_receipt(other) for other in (None, [], {"type": "response.create"}))
