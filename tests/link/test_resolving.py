"""Looking names up: as asyncio does, but nobody has to wait for it at the end."""

import asyncio
import socket
import threading

import pytest

from agent.link.resolving import ResolvingLoop


def looked_up(look, host):
    async def asked():
        return await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)

    with asyncio.Runner(loop_factory=lambda: ResolvingLoop(look)) as runner:
        return runner.run(asked())


def test_a_name_is_found_as_asyncio_finds_it():
    expected = socket.getaddrinfo("127.0.0.1", 443, type=socket.SOCK_STREAM)
    assert looked_up(socket.getaddrinfo, "127.0.0.1") == expected


@pytest.mark.parametrize("trouble", [socket.gaierror(socket.EAI_NONAME, "not known"), UnicodeError("label too long")])
def test_a_name_that_can_not_be_found_is_the_error_of_the_socket(trouble):
    def nowhere(*_asked):
        raise trouble

    with pytest.raises(type(trouble)):
        looked_up(nowhere, "relay.example")


def test_a_network_that_swallows_questions_is_one_that_does_not_know_the_name():
    over = threading.Event()

    async def asked():
        await asyncio.get_running_loop().getaddrinfo("relay.example", 443)

    with (
        asyncio.Runner(loop_factory=lambda: ResolvingLoop(lambda *_: [over.wait()], patience=0.05)) as runner,
        pytest.raises(socket.gaierror, match="no name server answers"),
    ):
        runner.run(asked())
    over.set()


def test_a_network_that_swallows_questions_does_not_keep_the_loop_from_closing():
    asked, answered, over = threading.Event(), threading.Event(), threading.Event()

    def swallowed(*_asked):
        asked.set()
        answered.wait()
        over.set()
        return []

    async def given_up():
        loop = asyncio.get_running_loop()
        looking = loop.create_task(loop.getaddrinfo("relay.example", 443))
        await asyncio.to_thread(asked.wait)
        looking.cancel()
        await asyncio.wait([looking])

    with asyncio.Runner(loop_factory=lambda: ResolvingLoop(swallowed)) as runner:
        runner.run(given_up())
    assert not over.is_set()
    answered.set()
    assert over.wait(10)
