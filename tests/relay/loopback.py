"""A relay on loopback, and what a device says to it and hears from it. Nothing here waits for time."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from agent.relay.registry import Registry
from agent.relay.server import Relay
from agent.relay.settings import RelaySettings
from agent.relay.tutors import scripted


@asynccontextmanager
async def a_relay(tutors=None, **settings):
    registry = Registry()
    try:
        async with Relay(RelaySettings(**settings), tutors or scripted(), registry).serve("127.0.0.1", 0) as running:
            yield running, registry
    finally:
        registry.close()


def dial(running, token=None, query="?device_id=d&school_id=s&language=es-PR&grade=2", **options):
    headers = {"Authorization": f"Bearer {token or running.mint_token('corner-7')}", **options.pop("headers", {})}
    return connect(running.url + "/" + query, additional_headers=headers, compression=None, **options)


async def until(socket, kind):
    events = []
    while not events or events[-1]["type"] != kind:
        events.append(json.loads(await socket.recv()))
    return events


async def tell(socket, *events):
    for event in events:
        await socket.send(json.dumps(event))


async def ended(socket):
    """The close code as a device sees it, None without a close frame."""
    try:
        while True:
            await socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd and closed.rcvd.code
