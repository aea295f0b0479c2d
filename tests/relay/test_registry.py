import pytest

from agent.errors import BadInput
from agent.relay.registry import Registry, id_of


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


def test_during_a_rotation_a_device_has_two_tokens_and_one_can_be_revoked(registry):
    old, new = registry.issue("corner-7"), registry.issue("corner-7")
    assert registry.revoke_token(id_of(old)) == 1
    assert [bool(registry.find(token).revoked) for token in (old, new)] == [True, False]


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
