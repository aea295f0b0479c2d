from pathlib import Path

import pytest

from agent.errors import BadInput, LinkError
from agent.link.token import (
    Token,
    TokenMissing,
    as_the_service,
    carry,
    find_tokens,
    keep_token,
    read_token,
    redact,
)

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


@pytest.fixture
def service(environ, tmp_path):
    """A service with a credential, and a folder for its state."""
    credential(environ, "rct_issued\n")
    (state := tmp_path / "state").mkdir()
    return {**environ, "STATE_DIRECTORY": str(state)}


def found(environ, file=None):
    return [(one.token.reveal(), one.place.split()[0]) for one in find_tokens(file, environ)]


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


def test_a_token_that_the_relay_sent_comes_before_the_one_that_a_person_put_here_which_stays_to_fall_back_on(service):
    keep_token(Token("rct_rotated"), None, service)
    assert found(service) == [("rct_rotated", "state"), ("rct_issued", "credential")]
    keep_token(Token("rct_rotated_again"), None, service)
    assert read_token(None, service).reveal() == "rct_rotated_again"


def test_a_token_that_a_person_puts_here_later_comes_before_all_that_relays_have_sent(service):
    keep_token(Token("rct_rotated"), None, service)
    credential(service, "rct_issued_anew")
    assert found(service) == [("rct_issued_anew", "credential")]
    keep_token(Token("rct_rotated_anew"), None, service)
    assert found(service)[0] == ("rct_rotated_anew", "state")


def test_a_rotated_token_outlives_the_file_that_it_was_sent_instead_of(service):
    keep_token(Token("rct_rotated"), None, service)
    credential(service, "\n")
    del service["READING_CORNER_TOKEN"]
    assert found(service) == [("rct_rotated", "state")]


def test_a_token_that_came_without_systemd_is_rotated_too(file, service):
    del service["CREDENTIALS_DIRECTORY"], service["READING_CORNER_TOKEN"]
    file.write_text("rct_of_the_file")
    keep_token(Token("rct_rotated"), file, service)
    assert found(service, file) == [("rct_rotated", "state"), ("rct_of_the_file", "file")]


def test_without_a_state_directory_nothing_is_kept_and_that_is_said(environ):
    with pytest.raises(OSError, match="STATE_DIRECTORY is not set"):
        keep_token(Token("rct_rotated"), None, environ)


@pytest.mark.parametrize("content", ["", "{}", '{"token": "rct_\\n", "instead_of": ""}'])
def test_a_state_that_holds_something_else_gives_way_and_is_named_when_there_is_nothing_else(service, content):
    kept = Path(service["STATE_DIRECTORY"], "device-token")
    kept.write_text(content)
    assert found(service) == [("rct_issued", "credential")]
    with pytest.raises(TokenMissing, match=r"state .* holds something else"):
        read_token(None, {"STATE_DIRECTORY": str(kept.parent)})
    kept.unlink()
    kept.mkdir()
    with pytest.raises(TokenMissing, match=r"state .* can not be read \(Is a directory\)"):
        read_token(None, {"STATE_DIRECTORY": f"{kept.parent}:/var/lib/another"})


def test_who_may_look_finds_what_the_service_would_use(tmp_path):
    root = tmp_path / "root"
    delivered, loaded, state = (
        root / folder
        for folder in ("etc/reading-corner", "run/credentials/reading-corner.service", "var/lib/reading-corner")
    )
    for folder, token in ((delivered, "rct_delivered"), (loaded, "rct_loaded")):
        assert as_the_service({}, root) == {} or folder is loaded
        folder.mkdir(parents=True)
        (folder / "device-token").write_text(token)
        assert read_token(None, as_the_service({}, root)).reveal() == token
    state.mkdir(parents=True)
    keep_token(Token("rct_rotated"), None, {"STATE_DIRECTORY": str(state), "CREDENTIALS_DIRECTORY": str(loaded)})
    assert read_token(None, as_the_service({}, root)).reveal() == "rct_rotated"
    own = {"CREDENTIALS_DIRECTORY": str(delivered), "STATE_DIRECTORY": str(tmp_path)}
    assert as_the_service(own, root) == own, "the service itself is told by systemd"


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
