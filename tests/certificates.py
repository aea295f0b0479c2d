"""A certificate for this machine's loopback address, that nobody vouches for but itself."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Files:
    certificate: Path
    key: Path


def certificate(folder):
    """Make one, with its key; skips the test where there is no openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-out", "cert.pem"]
    subprocess.run([openssl, "req", "-x509", *key, *name], cwd=folder, check=True, capture_output=True)
    return Files(folder / "cert.pem", folder / "key.pem")
