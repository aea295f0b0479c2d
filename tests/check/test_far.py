"""The way to a real relay on this machine, and to what is none."""

import asyncio
import socket
import threading

import pytest
from websockets.asyncio.server import serve

from agent.app import monotonic
from agent.check.far import NAMES, checks
from agent.errors import BadInput
from agent.link.token import Token, keep_token
from agent.relay.tls import context
from agent.settings import Relay, Settings
from tests.certificates import certificate
from tests.check.relay import our_relay
from tests.check.tree import only, verdicts

SECRET = "rct_7_0123456789abcdef"
GOOD = {"DNS": "ok", "TLS": "not checked", "token": "ok", "session": "ok"}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "wss_proxy"):
        monkeypatch.delenv(name, raising=False)


async def gone_to(url, root, token=SECRET, whole=5.0, ca_file=None):
    tokens = {"READING_CORNER_TOKEN": token} if token else {}
    settings = Settings(relay=Relay(url=url, ca_file=ca_file))
    checked = await checks(settings, tokens, monotonic, root, whole)
    assert tuple(check.name for check in checked) == NAMES
    assert not [check for check in checked if token and token in str(check)]
    return checked


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_all_the_way_to_a_configured_session(tmp_path):
    async def story():
        async with our_relay() as relay:
            return await gone_to(relay.url, tmp_path, relay.mint_token("corner-7"))

    checked = asyncio.run(story())
    assert verdicts(checked) == GOOD
    assert "configured in" in only(checked, "session").found
    assert " ms" in only(checked, "DNS").found


def test_a_token_that_the_relay_does_not_know_is_refused_and_not_shown(tmp_path):
    async def story():
        async with our_relay() as relay:
            return await gone_to(relay.url, tmp_path)

    session = only(asyncio.run(story()), "session")
    assert session.verdict.value == "failed"
    assert session.found.startswith("refused with HTTP 401")
    assert "token issue" in session.what_to_do


def test_the_services_own_token_is_found_by_who_may_read_it(tmp_path):
    async def story():
        async with our_relay() as relay:
            folder = tmp_path / "run/credentials/reading-corner.service"
            folder.mkdir(parents=True)
            (folder / "device-token").write_text(relay.mint_token("corner-7"))
            return await gone_to(relay.url, tmp_path, token=None)

    assert verdicts(asyncio.run(story())) == GOOD


def test_a_token_that_was_rotated_is_the_one_that_is_checked(tmp_path):
    async def story():
        async with our_relay() as relay:
            folder = tmp_path / "var/lib/reading-corner"
            folder.mkdir(parents=True)
            keep_token(Token(relay.mint_token("corner-7")), None, {"STATE_DIRECTORY": str(folder)})
            return await gone_to(relay.url, tmp_path, token=None)

    assert verdicts(asyncio.run(story())) == GOOD


def test_without_a_token_nobody_is_dialled(tmp_path):
    checked = asyncio.run(gone_to(f"ws://127.0.0.1:{free_port()}", tmp_path, token=None))
    assert verdicts(checked) == GOOD | {"token": "failed", "session": "not checked"}


def test_a_relay_that_is_down_is_unreachable(tmp_path):
    session = only(asyncio.run(gone_to(f"ws://127.0.0.1:{free_port()}", tmp_path)), "session")
    assert session.verdict.value == "failed"
    assert session.found.startswith("no connection (ConnectionRefusedError)")


def test_a_relay_that_opens_no_session_is_given_up_in_time(tmp_path):
    async def story():
        async with serve(lambda silent: silent.wait_closed(), "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await gone_to(f"ws://127.0.0.1:{port}", tmp_path, whole=0.3)

    session = only(asyncio.run(story()), "session")
    assert session.verdict.value == "failed"
    assert session.found.startswith("the session was never configured")


def test_a_name_server_that_does_not_answer_is_not_waited_for(tmp_path, monkeypatch):
    answer = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait())
    checked = asyncio.run(gone_to("wss://relay.example.org/tutor", tmp_path, whole=0.05))
    answer.set()
    assert verdicts(checked) == {"DNS": "failed", "TLS": "not checked", "token": "ok", "session": "not checked"}
    assert "relay.example.org: no connection (TimeoutError)" in only(checked, "DNS").found


def test_behind_a_proxy_name_and_certificate_are_not_ours_to_check(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    checked = asyncio.run(gone_to("wss://relay.example.org/tutor", tmp_path))
    assert verdicts(checked) == {"DNS": "not checked", "TLS": "not checked", "token": "ok", "session": "failed"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


def told_of_tls(files, root, **settings):
    async def story():
        tls = context(files.certificate, files.key)
        async with serve(lambda one: one.close(4401), "127.0.0.1", 0, ssl=tls) as server:
            return await gone_to(f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}", root, **settings)

    return asyncio.run(story())


def test_a_certificate_that_nobody_vouches_for_is_told_by_its_number(tmp_path, files):
    checked = told_of_tls(files, tmp_path)
    assert verdicts(checked) == {"DNS": "ok", "TLS": "failed", "token": "ok", "session": "not checked"}
    assert only(checked, "TLS").found == "certificate not accepted (OpenSSL 18)"
    assert "filter" in only(checked, "TLS").what_to_do


def test_a_certificate_of_an_authority_of_ones_own_and_a_relay_that_closes_at_once(tmp_path, files):
    checked = told_of_tls(files, tmp_path, ca_file=files.certificate)
    assert verdicts(checked) == {"DNS": "ok", "TLS": "ok", "token": "ok", "session": "failed"}
    assert "closed with 4401" in only(checked, "session").found


def test_no_relay_in_the_settings_is_for_a_person_to_put_right(tmp_path):
    with pytest.raises(BadInput, match=r"relay\.url"):
        asyncio.run(gone_to("", tmp_path))
