from pathlib import Path

import pytest

from agent.errors import BadInput, LinkError
from agent.link.token import Token, TokenMissing, carry, read_token, redact

SECRET = "rct_corner7_s3cr3t-WITH_many.chars"
URL = "wss://relay.example/tutor"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "token"


@pytest.fixture
def environ(tmp_path):
    (folder := tmp_path / "credentials").mkdir()
    return {"CREDENTIALS_DIRECTORY": str(folder), "READING_CORNER_TOKEN": "rct_from_variable"}


def credential(environ, content):
    Path(environ["CREDENTIALS_DIRECTORY"], "device-token").write_text(content)


def test_the_credential_comes_before_the_file_and_the_file_before_the_variable(file, environ):
    assert read_token(file, environ).reveal() == "rct_from_variable"
    file.write_text(" rct_from_file\n")
    assert read_token(file, environ).reveal() == "rct_from_file"
    credential(environ, "rct_from_credential\n")
    assert read_token(file, environ).reveal() == "rct_from_credential"


def test_a_rotated_token_is_found_at_the_next_dial(file):
    file.write_text("rct_old")
    assert read_token(file, {}).reveal() == "rct_old"
    file.write_text("rct_new")
    assert read_token(file, {}).reveal() == "rct_new"


@pytest.mark.parametrize("content", [b"", b" \n", b"two words", b"rct_\x07bell", b"rct_\xff", "rct_ñ".encode()])
def test_an_unusable_token_gives_way_to_the_next_place(file, environ, content):
    file.write_bytes(content)
    assert read_token(file, environ).reveal() == "rct_from_variable"


def test_no_token_names_the_places_but_not_what_stood_there(file, tmp_path):
    with pytest.raises(TokenMissing) as nowhere:
        read_token(None, {"READING_CORNER_TOKEN": "rct_odd secret"})
    assert "credential device-token is not set" in nowhere.value.where
    assert "READING_CORNER_TOKEN has characters that no token has" in nowhere.value.where
    assert "odd secret" not in str(nowhere.value)
    with pytest.raises(LinkError, match=r"token is not there; variable READING_CORNER_TOKEN is empty"):
        read_token(file, {"READING_CORNER_TOKEN": "\n"})
    with pytest.raises(TokenMissing, match=r"can not be read \(Is a directory\)"):
        read_token(tmp_path, {})


def test_a_token_does_not_print_itself():
    token = Token(SECRET)
    for shown in (repr(token), str(token), f"{token}", f"{[token]!r}"):
        assert "s3cr3t" not in shown


def test_a_token_travels_in_a_header():
    dial = carry(Token(SECRET), "header", URL)
    assert dial.headers == {"Authorization": f"Bearer {SECRET}"}
    assert (dial.url, dial.subprotocols) == (URL, ())


def test_a_token_travels_in_the_query():
    dial = carry(Token("a+b&c"), "query:jwt", f"{URL}?grade=2")
    assert dial.url == f"{URL}?grade=2&jwt=a%2Bb%26c"
    assert carry(Token(SECRET), "query:jwt", URL).url == f"{URL}?jwt={SECRET}"
    assert (dial.headers, dial.subprotocols) == ({}, ())


def test_a_token_travels_as_a_subprotocol():
    dial = carry(Token(SECRET), "subprotocol", URL)
    assert dial.subprotocols == ("realtime", f"openai-insecure-api-key.{SECRET}")
    assert (dial.url, dial.headers) == (URL, {})


@pytest.mark.parametrize("auth", ["header", "subprotocol", "query:jwt"])
def test_a_dial_prints_its_address_only(auth):
    dial = carry(Token(SECRET), auth, f"{URL}?device_id=7")
    assert repr(dial) == str(dial) == f"Dial(address='{URL}')"


@pytest.mark.parametrize("auth", ["", "query", "query:", "cookie:x"])
def test_another_way_is_refused(auth):
    with pytest.raises(BadInput, match=r"relay\.auth"):
        carry(Token(SECRET), auth, URL)


def test_what_looks_like_a_token_is_masked():
    line = f"GET /?jwt={SECRET}&grade=2 '{SECRET}' ok"
    assert redact(line) == "GET /?jwt=rct_********&grade=2 'rct_********' ok"
    assert redact("nothing to hide") == "nothing to hide"
