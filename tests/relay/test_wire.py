import asyncio

import pytest

from agent.relay.wire import first_of, parsed
from tests.clock import jumping


async def in_an_hour(answer):
    await asyncio.sleep(3600)
    return answer


async def fails_in(seconds):
    await asyncio.sleep(seconds)
    raise LookupError


def test_the_first_to_end_counts_and_the_rest_is_stopped():
    assert jumping(first_of(in_an_hour("yes"), fails_in(3601))) == "yes"
    with pytest.raises(LookupError):
        jumping(first_of(in_an_hour("no"), fails_in(3599)))


def test_what_is_not_json_is_nothing():
    assert [parsed(message) for message in ('{"a": 1}', "{", b"\xff", "[" * 100_000)] == [{"a": 1}, None, None, None]
