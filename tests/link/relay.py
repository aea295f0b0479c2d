"""A real server on this machine, and the ways to dial it."""

import asyncio
from contextlib import asynccontextmanager
from functools import wraps

import pytest
from websockets.asyncio.server import serve

from agent.link.token import Token, carry
from agent.link.transport import DialFailed
from agent.link.websocket import dial
from agent.units import Seconds

SECRET = "rct_7_0123456789abcdef"
AUTHS = ["header", "query:jwt", "subprotocol"]


class Relay:
    """A real server: what it was asked, and what it does with who comes in."""

    def __init__(self, converse, answer, headers, tls):
        self.requests = []
        self.url = ""
        self._converse, self._answer, self._headers, self.tls = converse, answer, headers, tls

    def listen(self):
        return serve(
            self._converse,
            "127.0.0.1",
            0,
            process_request=self._asked,
            process_response=self._upgraded,
            select_subprotocol=lambda _, offers: offers[0] if offers else None,
            max_queue=1,
            close_timeout=0.1,
            ssl=self.tls,
        )

    def _asked(self, socket, request):
        self.requests.append(request)
        return self._answer

    def _upgraded(self, socket, request, response):
        if self._headers is not None:
            del response.headers["Date"]
            for value in self._headers:
                response.headers["Date"] = value


async def listen_for_ever(socket):
    async for _ in socket:
        pass


@asynccontextmanager
async def relay(converse=listen_for_ever, *, answer=None, dates=None, tls=None):
    this = Relay(converse, answer, dates, tls)
    async with this.listen() as server:
        port = server.sockets[0].getsockname()[1]
        this.url = f"{'ws' if tls is None else 'wss'}://127.0.0.1:{port}/?grade=2"
        yield this


def dialled(url, auth="header", secret=SECRET, clock=lambda: Seconds(0), **how):
    return dial(carry(Token(secret), auth, url), clock, **how)


async def failed(url, **how):
    """Why a dial failed."""
    with pytest.raises(DialFailed) as trouble:
        await dialled(url, **how)
    return trouble.value.failure


def live(story):
    """Run a test on a real loop."""

    @wraps(story)
    def test(**fixtures):
        asyncio.run(story(**fixtures))

    return test
