"""The way to the relay, step by step, each with its time; in the words of `agent.link.reason`, never with the token."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, ParamSpec, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from agent.check.advice import advice
from agent.check.verdicts import Check, Verdict, failed, not_checked, ok
from agent.link.backoff import NoToken, Silent, Unreachable
from agent.link.connection import Connection
from agent.link.dialler import dialler
from agent.link.reason import reason
from agent.link.token import TokenMissing, as_the_service, read_token
from agent.link.transport import DialFailed
from agent.link.trust import trusting
from agent.link.uplink import Uplink
from agent.link.websocket import failure_of
from agent.session.memory import Memory
from agent.settings import Settings
from agent.units import Seconds

NAMES: Final = ("DNS", "TLS", "token", "session")

WHOLE: Final = Seconds(13.0)
"""For all steps: a session's usual 10 s, and time for a slow name server before and a slow farewell after."""

STEP: Final = Seconds(4.0)
"""For a name, and for TCP and TLS: two losses of the first packet (1 and 2 s, RFC 6298) and an answer."""

P = ParamSpec("P")
T = TypeVar("T")


class _Daemons(ThreadPoolExecutor):
    """A pool that nobody waits for: a name server that does not answer holds a thread for half a minute."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()

        def answer() -> None:
            try:
                result = fn(*args, **kwargs)
            except (OSError, ValueError) as trouble:  # of a name that can not be one
                future.set_exception(trouble)
            else:
                future.set_result(result)

        future.set_running_or_notify_cancel()
        threading.Thread(target=answer, daemon=True).start()
        return future


async def checks(
    settings: Settings,
    environ: Mapping[str, str],
    clock: Callable[[], Seconds],
    root: Path = Path("/"),
    whole: Seconds = WHOLE,
) -> tuple[Check, ...]:
    """
    Go all the way to a configured session, and leave; ends within `whole` and a second for the farewell.

    Args:
        settings: Which relay, and how it is dialled.
        environ: The process environment.
        clock: Monotonic.
        root: Where the service's token is looked for, if this process has none of its own.
        whole: For all steps.

    Raises:
        BadInput: If no relay is set, or `relay.ca_file` is no good.

    """
    asyncio.get_running_loop().set_default_executor(_Daemons())
    deadline = Seconds(clock() + whole)
    address = urlsplit(settings.relay_url())
    host, is_tls = str(address.hostname), address.scheme == "wss"
    trust = trusting(settings.relay.ca_file) if settings.relay.ca_file else ssl.create_default_context()
    environ = as_the_service(environ, root)
    token = _token(settings, environ)
    port = address.port or (443 if is_tls else 80)
    name, secure = await _way(host, port, trust if is_tls else None, clock, Seconds(min(STEP, whole)))
    if Verdict.FAILED in (name.verdict, secure.verdict, token.verdict):
        return name, secure, token, not_checked("session", "see above")
    left = Seconds(min(deadline - clock(), settings.relay.session_patience_s))
    return name, secure, token, await _session(settings, environ, clock, left)


async def _way(
    host: str, port: int, trust: ssl.SSLContext | None, clock: Callable[[], Seconds], patience: Seconds
) -> tuple[Check, Check]:
    if trust and _is_proxied(host, port):
        return not_checked("DNS", "a proxy does it"), not_checked("TLS", "a proxy is between")
    name = await _dns(host, port, clock, patience)
    if name.verdict is Verdict.FAILED:
        return name, not_checked("TLS", "no address")
    if trust is None:
        return name, not_checked("TLS", "none to this machine itself")
    return name, await _tls(host, port, trust, clock, patience)


def _is_proxied(host: str, port: int) -> bool:
    """Whether `agent.link.websocket` dials through a proxy of the environment."""
    return bool(getproxies().keys() & {"wss", "socks", "https"}) and not proxy_bypass(f"{host}:{port}")


def _token(settings: Settings, environ: Mapping[str, str]) -> Check:
    try:
        read_token(settings.relay.token_file, environ)
    except TokenMissing as missing:
        failure = NoToken(missing.where)
        return failed("token", reason(failure), advice(failure))
    return ok("token", "there is one")


async def _dns(host: str, port: int, clock: Callable[[], Seconds], patience: Seconds) -> Check:
    began = clock()
    try:
        async with asyncio.timeout(patience):
            await asyncio.get_running_loop().getaddrinfo(host, port, proto=socket.IPPROTO_TCP)
    except (OSError, ValueError) as trouble:
        cure = "is the network cable or the Wi-Fi connected, and its name server right? resolvectl status"
        return failed("DNS", f"{host}: {reason(Unreachable(type(trouble).__name__))}", cure)
    return ok("DNS", f"{host} found in {_ms(began, clock)}")


async def _tls(host: str, port: int, trust: ssl.SSLContext, clock: Callable[[], Seconds], patience: Seconds) -> Check:
    began = clock()
    try:
        async with asyncio.timeout(patience):
            _, writer = await asyncio.open_connection(host, port, ssl=trust)
    except OSError as trouble:
        failure = failure_of(trouble)
        return failed("TLS", reason(failure), advice(failure))
    writer.transport.abort()
    return ok("TLS", f"certificate accepted, TCP and TLS in {_ms(began, clock)}")


async def _session(
    settings: Settings, environ: Mapping[str, str], clock: Callable[[], Seconds], left: Seconds
) -> Check:
    began, connected = clock(), ""
    try:
        async with asyncio.timeout(left):
            transport = await dialler(settings, environ, clock)()
            connected = _ms(began, clock)
            uplink = Uplink(Seconds(settings.turn.offline_speech_s))
            connection = Connection(transport, uplink, Memory(), clock, _ignore, _ignore)
            try:
                await connection.open(left)
                configured = _ms(began, clock)
            finally:
                await connection.close()
    except DialFailed as refused:
        failure = refused.failure
    except TimeoutError as late:
        failure = Silent() if connected else Unreachable(type(late).__name__)
    else:
        return ok("session", f"connected in {connected}, configured in {configured}")
    return failed("session", f"{reason(failure)}, after {_ms(began, clock)}", advice(failure))


def _ignore(_: object) -> None:
    """Nothing is said in this session."""


def _ms(began: Seconds, clock: Callable[[], Seconds]) -> str:
    return f"{(clock() - began) * 1000:.0f} ms"
