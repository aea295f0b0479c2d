"""The archive: gathered, listed, written whole for one pair of eyes."""

import stat
import tarfile

import pytest

from agent.errors import BadInput
from agent.support.bundle import Source, gathered, listed, write


def refuses():
    raise PermissionError(13, "Permission denied")


def test_a_part_that_can_not_be_gathered_says_so_and_keeps_no_other_back():
    broken, whole = gathered([Source("a.txt", "a", refuses), Source("b.txt", "b", lambda: "here")], [])
    assert b"PermissionError" in broken.data
    assert whole.data == b"here"


def test_every_part_is_listed_with_its_size_and_what_it_is():
    parts = gathered([Source("a.txt", "all of a", lambda: "x" * 1500), Source("longer.txt", "b", str)], [])
    first, second = listed(parts).splitlines()
    assert first.split() == ["a.txt", "1.5", "kB", "all", "of", "a"]
    assert first.index("1.5") > second.index("longer.txt")


def test_the_archive_unpacks_into_one_folder_and_only_its_owner_may_read_it(tmp_path):
    write(gathered([Source("a.txt", "a", lambda: "áé secret-of-ours")], ["secret-of-ours"]), tmp_path / "x.tar.gz")
    assert stat.S_IMODE((tmp_path / "x.tar.gz").stat().st_mode) == 0o600
    with tarfile.open(tmp_path / "x.tar.gz") as tar:
        assert [(member.name, stat.S_IMODE(member.mode)) for member in tar] == [("reading-corner-support/a.txt", 0o600)]
        assert tar.extractfile("reading-corner-support/a.txt").read().decode() == "áé ********"


def test_what_is_there_already_is_not_overwritten(tmp_path):
    (tmp_path / "x.tar.gz").write_text("yours")
    with pytest.raises(BadInput, match="File exists; expected a new file"):
        write(gathered([Source("a.txt", "a", str)], []), tmp_path / "x.tar.gz")
    assert (tmp_path / "x.tar.gz").read_text() == "yours"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match="No such file"):
        write(gathered([Source("a.txt", "a", str)], []), tmp_path / "none" / "x.tar.gz")
