from io import StringIO

import pytest
from rich.console import Console

from agent.config_command import check, show
from agent.errors import BadInput
from agent.settings import DESCRIPTIONS


@pytest.fixture
def file(tmp_path):
    def write(toml):
        path = tmp_path / "agent.toml"
        path.write_text(toml, "utf-8")
        return path

    return write


def told(command, *arguments):
    """The exit status and the lines of a command."""
    out = StringIO()
    status = command(*arguments, Console(file=out, width=400))
    return status, out.getvalue().splitlines()


def row(lines, key):
    """Value and source in the row of this key."""
    cells = next(line for line in lines if line.startswith(key + " "))
    return tuple(cell.strip() for cell in cells.split("  ") if cell.strip())[1:3]


def test_every_key_is_shown_with_its_value_its_source_and_its_meaning(file):
    path = file("grade = 4\n[ring]\nkind = 'pwm_leds'\ngpio_pins = [5, 6]")
    status, lines = told(show, path, {"READING_CORNER_RING__LEDS": "2"})
    assert status == 0
    assert row(lines, "grade") == ("4", str(path))
    assert row(lines, "ring.leds") == ("2", "READING_CORNER_RING__LEDS")
    assert row(lines, "ring.gpio_pins") == ("[5, 6]", str(path))
    assert row(lines, "turn.max_utterance_s") == ("60", "default")
    assert row(lines, "microphone.agc") == ("not set", "default")
    tables = {key.split(".")[0] for key in DESCRIPTIONS if "." in key}
    for key in DESCRIPTIONS.keys() - tables:
        assert any(line.startswith(key + " ") and line.rstrip().endswith(DESCRIPTIONS[key]) for line in lines), key


def test_a_narrow_terminal_loses_nothing_of_a_key(file):
    out = StringIO()
    show(file(""), {}, Console(file=out, width=80))
    assert all(any(line.startswith(key) for line in out.getvalue().splitlines()) for key in ("microphone.card", "ring"))
    assert "microphone.capture_gain_percent " in out.getvalue()


def test_no_secret_is_shown(file, tmp_path):
    (tmp_path / "device-token").write_text("rct_hush_1")
    path = file("[relay]\nurl = 'wss://relay.example'\nquery = { apikey = 'hush_2' }")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "READING_CORNER_TOKEN": "rct_hush_3"}
    _, lines = told(show, path, environ)
    assert "hush" not in "\n".join(lines)
    assert row(lines, "relay.query") == ('{"apikey": "********"}', str(path))


def test_the_token_is_where_it_will_be_read(file, tmp_path):
    token = tmp_path / "token"
    token.write_text("rct_of_the_file")
    (tmp_path / "device-token").write_text("rct_of_the_credential")
    variable, credential = {"READING_CORNER_TOKEN": "rct_x"}, {"CREDENTIALS_DIRECTORY": str(tmp_path)}

    def found(toml, environ):
        return row(told(show, file(toml), environ)[1], "device token")

    names_file = f"[relay]\ntoken_file = '{token}'"
    assert found("", variable) == ("********", "variable READING_CORNER_TOKEN")
    assert found(names_file, variable) == ("********", f"file {token}")
    assert found(names_file, variable | credential) == ("********", "credential device-token")


def test_a_missing_token_is_told_with_every_place_that_was_looked_at(file):
    value, place = row(told(show, file(""), {})[1], "device token")
    assert value == "missing"
    assert place.count("is not set") == 3


def test_settings_that_are_no_good_are_not_shown(file):
    with pytest.raises(BadInput, match=r"grade: found 9"):
        told(show, file("grade = 9"), {})


def test_a_good_file_is_ok(file):
    path = file("grade = 3")
    assert told(check, path) == (0, [f"{path}: OK"])


def test_a_bad_file_gets_one_line_for_each_problem(file):
    path = file("grade = 9\nring = 3\n[relay]\nquery = 4\nulr = ''")
    status, lines = told(check, path)
    assert status == 2
    assert lines == [
        f"{path}: grade: found 9; expected a whole number from 0 (kindergarten) to 5",
        f"{path}: relay.query: found a value of type int; expected text for each name, in a table [relay.query]",
        f"{path}: found unknown key 'relay.ulr'; expected 'relay.url'?",
        f"{path}: ring: found 3; expected a table [ring]",
    ]


def test_a_problem_is_one_line_however_narrow_the_terminal(file):
    out = StringIO()
    assert check(file("[ring]\nkind = 'none'"), Console(file=out, width=40)) == 2
    assert out.getvalue().count("\n") == 1


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    status, lines = told(check, tmp_path / "gone.toml")
    assert (status, len(lines)) == (2, 1)
    assert "gone.toml: found no such file" in lines[0]
