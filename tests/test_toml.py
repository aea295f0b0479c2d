import pytest

from agent import toml
from agent.errors import BadInput


def written(tmp_path, content):
    file = tmp_path / "lesson.toml"
    file.write_bytes(content)
    return file


def test_a_file_is_read_as_utf_8(tmp_path):
    assert toml.read(written(tmp_path, 'school = "Peña"'.encode())) == {"school": "Peña"}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'school = "Pe\xf1a"', "found bytes that are not UTF-8; expected a file in TOML"),
        (b"x = 1\ny 2", r"found a mistake \(Expected '=' .* line 2, column 3\)\); expected a file in TOML"),
    ],
)
def test_what_is_not_toml_is_told_with_its_place(tmp_path, content, found):
    with pytest.raises(BadInput, match=rf"lesson\.toml: {found}"):
        toml.read(written(tmp_path, content))


def test_a_file_that_is_not_there_is_told_so(tmp_path):
    with pytest.raises(BadInput, match=r"none\.toml: found no such file or directory; expected a readable file"):
        toml.read(tmp_path / "none.toml")


def test_an_unknown_key_is_answered_with_the_one_that_was_meant():
    assert str(toml.unknown("F", "gread", ["grade", "leds"])) == "F: found unknown key 'gread'; expected 'grade'?"


def test_an_unknown_key_like_no_other_is_answered_with_all_there_are():
    assert (
        str(toml.unknown("F", "wifi", ["grade", "leds"])) == "F: found unknown key 'wifi'; expected one of grade, leds"
    )
