"""TLS for a relay that has no proxy in front of it."""

from __future__ import annotations

import ssl
from pathlib import Path

from agent.errors import BadInput


def context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """
    What a server needs, read now; None if there is neither certificate nor key.

    Raises:
        BadInput: If there is only one of them, or one can not be used.

    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing, given = ("--tls-key", certificate) if certificate else ("--tls-certificate", key)
        raise BadInput(missing, "nothing", f"the file that belongs to {given}")
    for file in (certificate, key):
        _readable(file)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        tls.load_cert_chain(certificate, key, password=_nobody_to_ask)
    except (ssl.SSLError, ValueError) as trouble:
        why = getattr(trouble, "reason", None) or "no certificate, no key, or one with a password"
        found = f"two files that do not go together ({why})"
        raise BadInput(
            f"{certificate}, {key}", found, "a certificate and its own key (PEM), without a password"
        ) from None
    return tls


def _readable(file: Path) -> None:
    try:
        file.read_bytes()
    except OSError as trouble:
        raise BadInput(str(file), f"a file that can not be read ({trouble.strerror})", "PEM") from None


def _nobody_to_ask() -> str:
    """Refuse, where OpenSSL would ask on the terminal and wait."""
    raise ValueError
