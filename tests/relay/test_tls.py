import ssl
import subprocess

import pytest

from agent.errors import BadInput
from agent.relay.tls import context
from tests.certificates import certificate


@pytest.fixture
def files(tmp_path):
    return certificate(tmp_path)


def test_without_a_certificate_there_is_no_tls():
    assert context(None, None) is None


def test_a_certificate_and_its_key_are_enough(files):
    assert isinstance(context(files.certificate, files.key), ssl.SSLContext)


def test_one_without_the_other_is_asked_for(files):
    with pytest.raises(BadInput, match=r"--tls-key: found nothing; expected the file that belongs to .*cert\.pem"):
        context(files.certificate, None)
    with pytest.raises(BadInput, match=r"--tls-certificate: found nothing"):
        context(None, files.key)


def test_a_file_that_can_not_be_read_is_named(files, tmp_path):
    with pytest.raises(BadInput, match=r"gone\.pem: found a file that can not be read \(No such file or directory\)"):
        context(files.certificate, tmp_path / "gone.pem")


def test_files_that_do_not_go_together_are_named_and_nobody_is_asked_for_a_password(files, tmp_path):
    (other := tmp_path / "other").mkdir()
    locked = tmp_path / "locked.pem"
    cipher = ["openssl", "ec", "-in", files.key, "-aes256", "-passout", "pass:secret", "-out", locked]
    subprocess.run(cipher, check=True, capture_output=True)
    for key in (certificate(other).key, files.certificate, locked):
        with pytest.raises(BadInput, match=r"cert\.pem, .*: found two files that do not go together"):
            context(files.certificate, key)
