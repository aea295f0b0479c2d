import sqlite3
from contextlib import closing

import pytest

from agent.errors import BadInput
from agent.relay.device_token import id_of
from agent.relay.registry import Registry


@pytest.fixture
def registry():
    registry = Registry()
    yield registry
    registry.close()


def test_a_token_grants_its_device_and_says_its_own_id(registry):
    token = registry.issue("corner-7")
    grant = registry.find(token)
    assert (grant.device_id, grant.revoked) == ("corner-7", "")
    prefix, token_id, secret = token.split("_")
    assert (prefix, token_id) == ("rct", grant.id)
    assert len(secret) * 4 >= 256 + 32, "256 bits of secret and a checksum"


def test_a_revoked_token_is_known_as_such(registry):
    token, other = registry.issue("corner-7"), registry.issue("corner-8")
    assert registry.revoke("corner-7") == 1
    assert registry.revoke("corner-7") == 0
    assert registry.find(token).revoked
    assert not registry.find(other).revoked


def test_a_device_may_have_two_tokens_and_one_can_be_revoked(registry):
    old, new = registry.issue("corner-7"), registry.issue("corner-7")
    assert registry.has_valid("corner-7")
    assert registry.revoke_token(id_of(old)) == 1
    assert registry.revoke_token(id_of(old)) == 0
    assert registry.revoked_among([id_of(old), id_of(new), "x"]) == {id_of(old)}
    assert [bool(registry.find(token).revoked) for token in (old, new)] == [True, False]


def test_a_token_that_has_ended_is_known_as_such_and_was_not_revoked(registry):
    old, new = registry.issue("corner-7"), registry.issue("corner-7")
    registry.rotations.came_with([id_of(new)])
    ended = registry.find(old)
    assert ended.ends
    assert not ended.is_valid
    assert not ended.revoked
    assert registry.revoked_among([id_of(old)]) == set()
    assert [grant.id for grant in registry.grants("corner-7")] == [id_of(old), id_of(new)]
    assert registry.grants("corner-8") == []
    registry.revoke_token(id_of(new))
    assert not registry.has_valid("corner-7")


def test_a_file_of_an_earlier_version_goes_on_where_it_was(tmp_path):
    file = tmp_path / "tokens.sqlite"
    with closing(Registry(file)) as registry:
        token = registry.issue("corner-7")
    with closing(sqlite3.connect(file)) as base, base:
        base.execute("DROP TABLE rotations")
        for column in ("offered", "used", "ends", "doubled"):
            base.execute(f"ALTER TABLE tokens DROP COLUMN {column}")
    with closing(Registry(file)) as registry:
        assert registry.find(token).is_valid
        registry.rotations.came_with([id_of(token)])
        assert registry.find(token).used


def test_a_mistyped_or_forged_token_grants_nothing(registry):
    token = registry.issue("corner-7")
    flipped = token[:30] + ("0" if token[30] != "0" else "1") + token[31:]
    assert id_of(flipped) is None, "the checksum tells a mistyped one without a look at the registry"
    for bad in (flipped, "", "rct_x", token.upper(), token + "\udcff", "ñ" * 60, Registry().issue("corner-7")):
        assert registry.find(bad) is None


def test_a_known_id_with_another_secret_grants_nothing(registry):
    real, other = registry.issue("a"), registry.issue("b")
    forged = f"rct_{id_of(real)}_{other.split('_')[2]}"
    assert registry.find(forged) is None


def test_the_file_holds_no_token_and_is_read_by_the_next_process(tmp_path):
    file = tmp_path / "tokens.sqlite"
    first = Registry(file)
    token = first.issue("corner-7")
    second = Registry(file)
    assert [grant.device_id for grant in second.grants()] == ["corner-7"]
    assert second.find(token) is not None
    second.revoke("corner-7")
    assert first.find(token).revoked
    for registry in (first, second):
        registry.close()
    assert token.split("_")[2].encode() not in file.read_bytes()


def test_a_file_that_is_no_registry_is_bad_input(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a database " * 100)
    with pytest.raises(BadInput, match="expected a token registry"):
        Registry(file)
    with pytest.raises(BadInput):
        Registry(tmp_path / "missing" / "tokens.sqlite")
