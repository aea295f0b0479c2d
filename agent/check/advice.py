"""What a person can do about a failure of the link."""

from __future__ import annotations

from typing import Final

from agent.link.backoff import OTHER_NAMES, Failure, HttpRefused, NoToken, TlsFailed, Unreachable, Verdict, verdict

EXPIRED: Final = 10
"""X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""

UNFINISHED: Final = range(80, 94)
"""What OpenSSL finds only if it is strict (x509_vfy.h), as Python is from 3.13 on: an older device takes it."""

OPENED: Final = "something between opens the traffic: have the school's filter let the relay's name through"

MISSING: Final = (
    "reading-corner-relay token issue, put it into /etc/reading-corner/device-token (root only) or relay.token_file; "
    "for the service's own token: sudo reading-corner check"
)


def advice(failure: Failure) -> str:
    """Say it to somebody who stands in front of the device, or who keeps the relay."""
    match failure:
        case NoToken():
            return MISSING
        case HttpRefused(status=401 | 403):
            return "the relay does not know this device's token: reading-corner-relay token issue, replace it here"
        case TlsFailed(verify_code=code):
            return _certificate(failure, code)
        case Unreachable():
            return "is relay.url right, the relay up, and does the school's firewall let it through?"
    match verdict(failure):
        case Verdict.LIMITED:
            return "wait, or raise the relay's budget"
        case Verdict.BLOCKED:
            return f"a login page of the school's network, or a filter's, answers in the relay's place; {OPENED}"
        case Verdict.REFUSED:
            return "read the relay's log: it refuses this device or its session's settings"
        case _:
            return "read the relay's log: it is up and opens no session"


def _certificate(failure: TlsFailed, code: int) -> str:
    if code == EXPIRED:
        return "renew the relay's certificate; if it is new, see the line of the clock"
    if verdict(failure) is Verdict.CLOCK:
        return "set the clock: see its line"
    if code in UNFINISHED:
        return "a certificate of your own that lacks something: provisioning/README.md, TLS, shows how to make one"
    if code in OTHER_NAMES:
        return f"relay.url has to name the host as its certificate does; or {OPENED}"
    return OPENED
