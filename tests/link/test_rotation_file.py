import json
import stat
from itertools import islice

import pytest

from agent.link.rotation_file import NAME, Rotated, fingerprint, read, writing

OLD, NEW = Rotated("rct_old", fingerprint("rct_issued")), Rotated("rct_new", fingerprint("rct_issued"))


def put(folder, token, steps=None):
    """Take so many steps of writing, or all; return how many that were."""
    return len(list(islice(writing(folder, token), steps)))


def test_what_was_written_is_read_and_for_nobody_else(tmp_path):
    put(tmp_path, NEW)
    assert read(tmp_path) == NEW
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_a_cut_at_any_step_leaves_the_old_or_the_new_one_and_the_way_free_for_another(tmp_path):
    put(tmp_path, OLD)
    found = []
    for steps in range(5):
        put(tmp_path, NEW, steps)
        found.append(read(tmp_path))
    assert found == [OLD, OLD, OLD, OLD, NEW]
    put(tmp_path, OLD)
    assert read(tmp_path) == OLD
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_nothing_of_what_an_earlier_cut_left_gets_into_the_next_one(tmp_path):
    half = tmp_path / f"{NAME}.new"
    half.write_text("x" * 9999)
    half.chmod(0o644)
    put(tmp_path, NEW)
    assert read(tmp_path) == NEW
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "rct_bare", "[]", "{}", json.dumps({"token": 7, "instead_of": ""})])
def test_something_else_is_no_token(tmp_path, content):
    (tmp_path / NAME).write_text(content)
    with pytest.raises(ValueError, match=r"Expecting value|no rotated token"):
        read(tmp_path)


def test_where_nothing_can_be_written_that_is_said_and_the_old_one_stays(tmp_path):
    put(tmp_path, OLD)
    (tmp_path / f"{NAME}.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        put(tmp_path, NEW)
    assert read(tmp_path) == OLD


def test_a_token_does_not_print_itself():
    assert "rct_new" not in repr(NEW)
