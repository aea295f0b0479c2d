"""The device token: found afresh at each dial, carried to the relay, and never shown."""

from __future__ import annotations

import contextlib
import errno
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from agent.errors import BadInput, LinkError
from agent.link import rotation_file
from agent.link.rotation_file import Rotated, fingerprint, writing

CREDENTIAL: Final = "device-token"
"""What the systemd unit calls it in `LoadCredential=`."""

VARIABLE: Final = "READING_CORNER_TOKEN"

CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
STATE: Final = "STATE_DIRECTORY"
"""Where systemd tells a service to look, and where to keep things (systemd.exec(5))."""

SERVICES_CREDENTIALS: Final = (Path("run/credentials/reading-corner.service"), Path("etc/reading-corner"))
"""Where the service's credential is while it runs, and where systemd takes it from; for root only."""

SERVICES_STATE: Final = Path("var/lib/reading-corner")
"""What systemd makes of the unit's `StateDirectory=`; for the service and root only."""

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


@dataclass(frozen=True, slots=True)
class Found:
    """A token, and what to call the place where it is."""

    place: str
    token: Token


def read_token(file: Path | None, environ: Mapping[str, str]) -> Token:
    """The first of `find_tokens`. Raises TokenMissing."""
    return find_tokens(file, environ)[0].token


def find_tokens(file: Path | None, environ: Mapping[str, str]) -> tuple[Found, ...]:
    """
    Look for the token: the one that a relay sent last, then the one that a person put here.

    The latter is the first that is usable of systemd credential, `file` and READING_CORNER_TOKEN. If it is another
    than when the relay sent its own, then a person has begun anew since, and it is the only one.

    Args:
        file: `relay.token_file`.
        environ: With what systemd tells the service; for any other process see `as_the_service`.

    Raises:
        TokenMissing: If there is none.

    """
    issued, complaints = _issued(file, environ)
    rotated, complaint = _rotated(environ)
    if rotated and (issued is None or fingerprint(issued.token.reveal()) == rotated.instead_of):
        return Found(f"state {_state(environ)}", Token(rotated.token)), *([issued] if issued else [])
    if issued is None:
        raise TokenMissing("; ".join([*complaints, *complaint]))
    return (issued,)


def keep_token(new: Token, file: Path | None, environ: Mapping[str, str]) -> None:
    """
    Put a token that the relay sent where `find_tokens` finds it first, be there a power cut or not.

    Blocks on the disk. One at a time.

    Raises:
        OSError: If it can not be kept; what was there is still there.

    """
    folder = _state(environ)
    if folder is None:
        raise FileNotFoundError(errno.ENOENT, f"{STATE} is not set")
    issued, _ = _issued(file, environ)
    for _step in writing(folder, Rotated(new.reveal(), fingerprint(issued.token.reveal()) if issued else "")):
        pass


def as_the_service(environ: Mapping[str, str], root: Path = Path("/")) -> Mapping[str, str]:
    """What systemd tells the service, for another process that may look where it does: root, come over SSH."""
    told = dict(environ)
    for name, folders in ((CREDENTIALS, SERVICES_CREDENTIALS), (STATE, (SERVICES_STATE,))):
        for folder in (root / folder for folder in folders if name not in environ):
            with contextlib.suppress(PermissionError):
                if (folder / CREDENTIAL).is_file():
                    told.setdefault(name, str(folder))
    return told


def _issued(file: Path | None, environ: Mapping[str, str]) -> tuple[Found | None, list[str]]:
    """The token that a person put here; or what is wrong in each place."""
    folder = environ.get(CREDENTIALS)
    places: list[tuple[str, Callable[[], str | None]]] = [
        (f"credential {CREDENTIAL}", lambda: (Path(folder) / CREDENTIAL).read_text("utf-8") if folder else None),
        (f"file {file}" if file else "relay.token_file", lambda: file.read_text("utf-8") if file else None),
        (f"variable {VARIABLE}", lambda: environ.get(VARIABLE)),
    ]
    complaints = []
    for place, read in places:
        secret, complaint = _usable(read)
        if not complaint:
            return Found(place, Token(secret)), []
        complaints.append(f"{place} {complaint}")
    return None, complaints


def _rotated(environ: Mapping[str, str]) -> tuple[Rotated | None, list[str]]:
    """The token that a relay sent; or what is wrong with it, if there was one."""
    folder = _state(environ)
    if folder is None:
        return None, []
    try:
        rotated = rotation_file.read(folder)
    except FileNotFoundError:
        return None, []
    except OSError as error:
        return None, [f"state {folder} can not be read ({error.strerror})"]
    except ValueError:
        return None, [f"state {folder} holds something else"]
    return (rotated, []) if _USABLE.fullmatch(rotated.token) else (None, [f"state {folder} holds something else"])


def _state(environ: Mapping[str, str]) -> Path | None:
    """The service's state directory; systemd separates several by colons, and the unit has one."""
    first, _, _ = environ.get(STATE, "").partition(":")
    return Path(first) if first else None


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
