"""What stands in the way of a dial, how it is told, and that no secret is told with it."""

import asyncio
import socket
import ssl
import subprocess
import traceback
from shutil import which

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response

from agent.link.backoff import HttpRefused, NotTls, TlsFailed, Unreachable
from agent.link.reason import Kind, kind
from agent.link.transport import DialFailed
from agent.units import Seconds
from tests.link.relay import AUTHS, SECRET, dialled, failed, live, relay

SELF_SIGNED, NOT_YET_VALID, EXPIRED, OTHER_NAME = 18, 9, 10, 62
"""X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, _CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED and _HOSTNAME_MISMATCH of OpenSSL."""


def refusal(status, **headers):
    named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(status, "no", Headers([*named.raw_items(), ("Content-Length", "0")]))


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (refusal(401), HttpRefused(401)),
        (refusal(403), HttpRefused(403)),
        (refusal(429, Retry_After="30"), HttpRefused(429, Seconds(30))),
        (refusal(429, Retry_After="Fri, 20 Nov 2026 12:00:00 GMT"), HttpRefused(429)),
        (Response(429, "no", Headers([("Retry-After", "1"), ("Retry-After", "2")])), HttpRefused(429)),
        (refusal(503), HttpRefused(503)),
    ],
)
@live
async def test_a_refused_upgrade_is_told_by_its_status(answer, failure):
    async with relay(answer=answer) as there:
        assert await failed(there.url) == failure


@pytest.mark.parametrize("auth", AUTHS)
@live
async def test_the_token_is_not_carried_to_where_a_redirect_leads(auth):
    async with relay() as elsewhere, relay(answer=refusal(302, Location=elsewhere.url)) as there:
        assert await failed(there.url, auth=auth) == HttpRefused(302)
    assert elsewhere.requests == []


@live
async def test_a_port_where_nobody_listens_is_unreachable():
    async with relay() as there:
        url = there.url
    assert await failed(url) == Unreachable("ConnectionRefusedError")


@pytest.mark.parametrize("host", ["relay..school", "a" * 64])
@live
async def test_so_is_a_name_that_is_none(host):
    assert isinstance(await failed(f"wss://{host}/"), Unreachable)


@live
async def test_so_is_something_that_is_no_relay():
    async def chatter(reader, writer):
        writer.write(b"220 mail.school ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(chatter, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await failed(f"ws://127.0.0.1:{port}/") == Unreachable("InvalidMessage")


@live
async def test_an_address_that_swallows_everything_does_not_keep_us_from_the_next(monkeypatch):
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        with socket.create_connection(hole.getsockname()):  # its queue is full: who comes now is not answered
            async with relay() as there:
                port = int(there.url.split(":")[2].split("/")[0])
                known = [
                    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", to)) for to in (hole_port(hole), port)
                ]
                monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lambda *_, **__: answered(known))
                await (await dialled(f"ws://two.addresses:{port}/")).close(1000)
            assert len(there.requests) == 1


def hole_port(hole):
    return hole.getsockname()[1]


async def answered(known):
    return known


@live
async def test_a_proxy_is_used_on_the_way_out_but_not_within_this_machine(monkeypatch):
    asked = asyncio.Queue()

    async def refuse(reader, writer):
        asked.put_nowait(await reader.readline())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as proxy, relay() as there:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        await (await dialled(there.url)).close(1000)
        assert asked.empty()
        assert await failed("wss://relay.invalid/") == Unreachable("InvalidProxyStatus")
        assert await asked.get() == b"CONNECT relay.invalid:443 HTTP/1.1\r\n"


AUTHORITY = """
[ca]
default_ca = us
[us]
new_certs_dir = .
database = index
serial = serial
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = IP:127.0.0.1
basicConstraints = critical, CA:TRUE
keyUsage = digitalSignature, keyCertSign
"""
"""`openssl req` can not set when a certificate begins; `openssl ca` can, and wants to be told all this."""


@pytest.fixture
def certificate(tmp_path):
    """Makes a certificate for 127.0.0.1 that signs itself, valid for a century from the given year on; its file."""
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl command to make certificates with")
    for name, text in (("authority", AUTHORITY), ("index", ""), ("serial", "01")):
        (tmp_path / name).write_text(text)

    def run(arguments):
        subprocess.run([openssl, *arguments.split()], cwd=tmp_path, check=True, capture_output=True)

    def made(year):
        run("req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -subj /CN=relay -out request")
        validity = f"-startdate {year}0101000000Z -enddate {year + 100}0101000000Z"
        run(f"ca -batch -notext -config authority -selfsign -keyfile key {validity} -in request -out certificate")
        both = tmp_path / "both"
        both.write_text((tmp_path / "key").read_text() + (tmp_path / "certificate").read_text())
        return both

    return made


def server_tls(file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@live
async def test_a_relay_that_nobody_vouches_for_is_not_talked_to(certificate, tmp_path):
    async with relay(tls=server_tls(certificate(2020))) as there:
        failure = await failed(there.url, root=tmp_path)
    assert (failure, kind(failure)) == (TlsFailed(SELF_SIGNED), Kind.NOT_TRUSTED)
    assert there.requests == []


@live
async def test_a_login_page_with_a_good_certificate_of_its_own_is_not_the_relay(certificate, monkeypatch, tmp_path):
    file = certificate(2020)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with relay(tls=server_tls(file)) as there:
        failure = await failed(there.url.replace("127.0.0.1", "localhost"), root=tmp_path)
    assert (failure, kind(failure)) == (TlsFailed(OTHER_NAME), Kind.PORTAL)
    assert there.requests == []


@live
async def test_a_relay_that_the_system_trusts_is(certificate, monkeypatch):
    file = certificate(2020)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    async with relay(tls=server_tls(file)) as there:
        await (await dialled(there.url)).close(1000)
    assert len(there.requests) == 1


@pytest.mark.parametrize(("year", "wrong"), [(2400, NOT_YET_VALID), (1900, EXPIRED)])
@live
async def test_a_certificate_of_another_time_is_told_with_whether_our_clock_is_set(
    certificate, monkeypatch, tmp_path, year, wrong
):
    file = certificate(year)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    timesync = tmp_path / "run/systemd/timesync"
    async with relay(tls=server_tls(file)) as there:
        before = await failed(there.url, root=tmp_path)
        timesync.mkdir(parents=True)
        (timesync / "synchronized").touch()
        after = await failed(there.url, root=tmp_path)
    assert [before, after] == [TlsFailed(wrong), TlsFailed(wrong, clock_is_set=True)]
    assert [kind(before), kind(after)] == [Kind.CLOCK_BEHIND, Kind.NOT_TRUSTED]


LOGIN_PAGE = b"<html>Bienvenidos a la red de la escuela</html>"


@pytest.mark.parametrize(
    "head",
    [
        b"302 Found\r\nLocation: http://wifi.school.example/login\r\nContent-Length: %d",
        b"200 OK\r\nContent-Type: text/html\r\nContent-Length: %d",
        b"511 Network Authentication Required\r\nContent-Length: %d",
    ],
)
@pytest.mark.parametrize("scheme", ["ws", "wss"])
@live
async def test_a_captive_portal_is_known_by_its_page_and_by_having_no_tls(head, scheme):
    async def page(reader, writer):
        await reader.read(100)
        writer.write(b"HTTP/1.1 " + head % len(LOGIN_PAGE) + b"\r\n\r\n" + LOGIN_PAGE)
        writer.close()

    async with await asyncio.start_server(page, "127.0.0.1", 0) as portal:
        failure = await failed(f"{scheme}://127.0.0.1:{portal.sockets[0].getsockname()[1]}/")
    assert kind(failure) is Kind.PORTAL
    assert failure == (NotTls() if scheme == "wss" else HttpRefused(int(head[:3])))


@live
async def test_a_name_that_nobody_knows_is_told_as_such(monkeypatch):
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    assert kind(await failed("ws://relay.example/")) is Kind.NAME_NOT_FOUND


async def unknown(*_asked, **_how):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


UNSENDABLE = "rct_7_no=token/"
"""What no subprotocol may be called."""


@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("status", [302, 401])
@live
async def test_the_token_stays_out_of_what_a_refusal_tells(auth, status):
    async with relay(answer=refusal(status, Location=f"/?jwt={SECRET}")) as there:
        with pytest.raises(DialFailed) as trouble:
            await dialled(there.url, auth)
    assert_hidden(SECRET, trouble.value)


@pytest.mark.parametrize(("auth", "secret"), [*((auth, SECRET) for auth in AUTHS), ("subprotocol", UNSENDABLE)])
@pytest.mark.parametrize("url", ["ws://127.0.0.1:1/", "ftp://relay"])
@live
async def test_nor_is_it_in_what_is_told_of_a_relay_that_can_not_be_reached(auth, secret, url):
    with pytest.raises(DialFailed) as trouble:
        await dialled(url, auth, secret)
    assert isinstance(trouble.value.failure, Unreachable)
    assert_hidden(secret, trouble.value)


def assert_hidden(secret, trouble):
    assert secret not in "".join(traceback.format_exception(trouble)) + repr(trouble) + repr(trouble.failure)
    assert trouble.__context__ is None
