"""The device token: found afresh at each dial, carried to the relay, and never shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from agent.errors import BadInput, LinkError

CREDENTIAL: Final = "device-token"
"""What the systemd unit calls it in `LoadCredential=`."""

VARIABLE: Final = "READING_CORNER_TOKEN"

_USABLE = re.compile(r"[!-~]+")
"""Visible ASCII: anything else would end a header early or need a guess at its encoding."""

_LOOKS_LIKE_ONE = re.compile(r"rct_[A-Za-z0-9_~.%+/=-]+")


class TokenMissing(LinkError):
    """There is no usable device token; `where` says what was wrong in each place, never what stood there."""

    def __init__(self, where: str) -> None:
        super().__init__(f"no device token: {where}")
        self.where = where


class Token:
    """A secret that does not print itself."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def reveal(self) -> str:
        """The secret itself: for the wire only."""
        return self._secret

    def __repr__(self) -> str:
        return "Token(********)"


@dataclass(frozen=True, slots=True)
class Dial:
    """What to dial; it prints only the address without its query."""

    address: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    subprotocols: tuple[str, ...] = field(repr=False)


def read_token(file: Path | None, environ: Mapping[str, str]) -> Token:
    """
    Look for the token: systemd credential, then `file`, then READING_CORNER_TOKEN; the first usable one counts.

    Raises:
        TokenMissing: If there is none.

    """
    folder = environ.get("CREDENTIALS_DIRECTORY")
    places: list[tuple[str, Callable[[], str | None]]] = [
        (f"credential {CREDENTIAL}", lambda: (Path(folder) / CREDENTIAL).read_text("utf-8") if folder else None),
        (f"file {file}", lambda: file.read_text("utf-8") if file else None),
        (f"variable {VARIABLE}", lambda: environ.get(VARIABLE)),
    ]
    complaints = []
    for place, read in places:
        secret, complaint = _usable(read)
        if not complaint:
            return Token(secret)
        complaints.append(f"{place} {complaint}")
    raise TokenMissing("; ".join(complaints))


def _usable(read: Callable[[], str | None]) -> tuple[str, str]:
    """The secret, and what is wrong with it (empty when it is good)."""
    try:
        found = read()
    except FileNotFoundError:
        return "", "is not there"
    except OSError as error:
        return "", f"can not be read ({error.strerror})"
    except UnicodeDecodeError:
        return "", "has characters that no token has"
    if found is None:
        return "", "is not set"
    secret = found.strip()
    if not secret:
        return "", "is empty"
    return (secret, "") if _USABLE.fullmatch(secret) else ("", "has characters that no token has")


def carry(token: Token, auth: str, url: str) -> Dial:
    """
    Say how the token travels.

    Args:
        token: The secret.
        auth: "header" (the default of the project), "query:NAME" or "subprotocol", for relays written for browsers.
        url: Of the relay, with its query.

    Raises:
        BadInput: If `auth` is none of these.

    """
    address = urlsplit(url)._replace(query="").geturl()
    if auth == "header":
        return Dial(address, url, {"Authorization": f"Bearer {token.reveal()}"}, ())
    if auth == "subprotocol":
        # What browsers say to OpenAI's GA endpoint, and so what relays for browsers understand.
        return Dial(address, url, {}, ("realtime", f"openai-insecure-api-key.{token.reveal()}"))
    kind, _, name = auth.partition(":")
    if kind == "query" and name:
        separator = "&" if "?" in url else "?"
        return Dial(address, f"{url}{separator}{quote(name, safe='')}={quote(token.reveal(), safe='')}", {}, ())
    raise BadInput("relay.auth", repr(auth), "'header', 'subprotocol' or 'query:NAME'")


def redact(text: str) -> str:
    """The text with everything masked that looks like a device token."""
    return _LOOKS_LIKE_ONE.sub("rct_********", text)
