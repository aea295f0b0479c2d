import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from agent.relay import door
from agent.relay.door import Refusal
from agent.relay.registry import Registry


@pytest.fixture
def registry():
    registry = Registry()
    yield registry
    registry.close()


def a_request(path="/", **headers):
    lines = Headers()
    for name, value in headers.items():
        lines[name.replace("_", "-")] = value
    return Request(path, lines)


def asked(registry, request):
    return door.admit(request, registry, "jwt")


def test_the_token_is_found_in_header_query_and_subprotocol(registry):
    token = registry.issue("corner-7")
    for request in (
        a_request(Authorization=f"Bearer {token}"),
        a_request(Authorization=f"bearer  {token} "),
        a_request(f"/?device_id=x&jwt={token}"),
        a_request(Sec_WebSocket_Protocol=f"realtime, openai-insecure-api-key.{token}"),
        a_request(Sec_WebSocket_Protocol=f"jwt-{token}"),
    ):
        assert asked(registry, request).device_id == "corner-7"


def test_without_a_known_token_the_answer_is_401(registry):
    foreign = Registry().issue("corner-7")
    for request in (
        a_request(),
        a_request(Authorization="Basic abc"),
        a_request(Authorization=f"Bearer {foreign}"),
        a_request(f"/?token={registry.issue('corner-7')}"),
        a_request(Sec_WebSocket_Protocol="realtime"),
    ):
        assert asked(registry, request) == Refusal(401)


def test_with_a_revoked_token_the_answer_is_403(registry):
    token = registry.issue("corner-7")
    registry.revoke("corner-7")
    assert asked(registry, a_request(Authorization=f"Bearer {token}")) == Refusal(403)


def test_the_subprotocol_agreed_on_never_carries_the_token(registry):
    token = registry.issue("corner-7")
    assert door.choose(None, [f"openai-insecure-api-key.{token}", "realtime"]) == "realtime"
    assert door.choose(None, [f"jwt-{token}"]) is None


@pytest.mark.parametrize(
    ("path", "language"),
    [("/?language=es-PR&grade=2", "es"), ("/?language=en-US", "en"), ("/", "es"), ("/?language=%00<x>", "es")],
)
def test_the_language_is_all_that_is_read_of_the_dial_query(path, language):
    assert door.language(a_request(path)) == language


def test_a_beta_client_is_known_by_its_header_or_its_subprotocol():
    assert door.asks_for_beta(a_request(OpenAI_Beta="realtime=v1"))
    assert door.asks_for_beta(a_request(Sec_WebSocket_Protocol="realtime, openai-beta.realtime-v1"))
    assert not door.asks_for_beta(a_request(Sec_WebSocket_Protocol="realtime"))


def test_a_refusal_says_when_to_come_again_if_that_is_known():
    assert door.response(Refusal(429, 30)).headers["Retry-After"] == "30"
    assert "Retry-After" not in door.response(Refusal(401)).headers
