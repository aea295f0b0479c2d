"""Our own relay, on this machine."""

from contextlib import asynccontextmanager

from agent.relay.registry import Registry
from agent.relay.server import Relay
from agent.relay.settings import RelaySettings
from agent.relay.tutors import scripted


@asynccontextmanager
async def our_relay():
    registry = Registry()
    try:
        async with Relay(RelaySettings(), scripted(), registry).serve("127.0.0.1", 0) as running:
            yield running
    finally:
        registry.close()
