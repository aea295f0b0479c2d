import ssl

import pytest

from agent.errors import BadInput
from agent.link.trust import trusting
from tests.certificates import certificate


def test_an_authority_of_ones_own_is_trusted_beside_the_systems(tmp_path):
    files = certificate(tmp_path)
    trust = trusting(files.certificate)
    assert trust.verify_mode is ssl.CERT_REQUIRED
    assert trust.check_hostname
    names = [authority["subject"][0][0][1] for authority in trust.get_ca_certs()]
    assert "localhost" in names
    assert len(names) - 1 == len(ssl.create_default_context().get_ca_certs())


def test_a_file_that_is_none_is_named(tmp_path):
    (tmp_path / "notes.pem").write_text("not a certificate")
    with pytest.raises(BadInput, match=r"relay\.ca_file .*notes\.pem: found no certificate in it; expected"):
        trusting(tmp_path / "notes.pem")
    with pytest.raises(BadInput, match=r"can not be read \(No such file or directory\)"):
        trusting(tmp_path / "gone.pem")
