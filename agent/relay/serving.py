"""`reading-corner-relay serve`: a relay until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from collections.abc import Mapping
from contextlib import closing
from typing import Final

from agent.errors import BadInput
from agent.relay import settings, tls
from agent.relay.health import Reports
from agent.relay.openai import openai
from agent.relay.registry import Registry
from agent.relay.server import Relay
from agent.relay.settings import RelaySettings
from agent.relay.tutors import TutorFactory, parrot, scripted
from agent.relay.wire import first_of

HURRY_S: Final = 0.25
"""For the registry: while the relay waits for it, every voice does."""


def run(environ: Mapping[str, str], **arguments: object) -> int:
    """
    Serve until told to stop; return the exit status.

    Raises:
        BadInput: If something that a person set is not usable.

    """
    chosen = settings.load(environ, **arguments)
    if chosen.registry is None:
        raise BadInput("--registry", "nothing", "the path of the token registry")
    secure = tls.context(chosen.tls_certificate, chosen.tls_key)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    with closing(Registry(chosen.registry, HURRY_S)) as registry:
        relay = Relay(chosen, tutors(chosen), registry, Reports(chosen.registry))
        asyncio.run(_until_told(chosen, relay, secure))
    return 0


def tutors(chosen: RelaySettings) -> TutorFactory:
    """
    The tutors that the settings name.

    Raises:
        BadInput: If what that tutor needs is missing.

    """
    if chosen.tutor == "openai":
        return openai(chosen)
    return scripted() if chosen.tutor == "scripted" else parrot()


async def _until_told(chosen: RelaySettings, relay: Relay, secure: ssl.SSLContext | None) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    try:
        async with relay.serve(chosen.host, chosen.port, secure) as running:
            print(f"listening on {running.url}", flush=True)
            await first_of(told.wait(), running.rounds.run())
    except OSError as trouble:
        where = f"--host {chosen.host} --port {chosen.port}"
        raise BadInput(where, f"an address in trouble ({trouble.strerror})", "one to listen on") from None
