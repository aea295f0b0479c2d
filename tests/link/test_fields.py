import pytest

from agent.link.fields import LONGEST_ID, Wrong, branch, code, mapping, part, printable, text
from agent.units import Part


@pytest.mark.parametrize(("read", "empty"), [(text, ""), (mapping, {}), (branch, {})])
def test_what_is_absent_or_null_is_empty(read, empty):
    assert read({}, "x") == read({"x": None}, "x") == empty


def test_what_is_there_is_read():
    assert text({"x": "hola"}, "x") == "hola"
    assert mapping({"x": {"y": 1}}, "x") == branch({"x": {"y": 1}}, "x") == {"y": 1}


@pytest.mark.parametrize("read", [text, mapping])
def test_the_wrong_type_is_named_without_its_content(read):
    with pytest.raises(Wrong, match=r"^x is no (text|object)$"):
        read({"x": ["a secret"]}, "x")


def test_only_looking_is_never_wrong():
    assert branch({"x": 5}, "x") == {}


def test_a_part_needs_its_response_and_an_index():
    assert part({"response_id": "r", "item_id": "i", "content_index": 2}) == Part("r", "i", 2)
    assert part({"response_id": "r"}) == Part("r", "", 0)
    with pytest.raises(Wrong, match="no response"):
        part({"item_id": "i"})
    for index in (-1, 2**31, 1.5, "0", None):
        with pytest.raises(Wrong, match="no index"):
            part({"response_id": "r", "content_index": index})


def test_a_sentence_is_no_code():
    assert code("session.audio.input") == "session.audio.input"
    assert code("He said it hurts") == code(None) == code("a" * 65) == ""


def test_a_name_is_shown_on_one_line():
    assert printable("odd\nname\ud800" + "a" * 1000) == "oddname" + "a" * 55


def test_an_id_that_is_longer_than_any_is_refused():
    with pytest.raises(Wrong, match="response_id is too long"):
        part({"response_id": "r" * (LONGEST_ID + 1)})
