"""Whom the device believes to be who they say they are."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

from agent.errors import BadInput

EXPECTED: Final = "certificates of authorities (PEM)"


def trusting(file: Path) -> ssl.SSLContext:
    """
    Trust the system's authorities, and those of a file, read now: a district's own, or a filter's that inspects TLS.

    Raises:
        BadInput: If the file can not be used.

    """
    trust = ssl.create_default_context()
    try:
        trust.load_verify_locations(file)
    except ssl.SSLError:
        raise BadInput(f"relay.ca_file {file}", "no certificate in it", EXPECTED) from None
    except OSError as trouble:
        found = f"a file that can not be read ({trouble.strerror})"
        raise BadInput(f"relay.ca_file {file}", found, EXPECTED) from None
    return trust
