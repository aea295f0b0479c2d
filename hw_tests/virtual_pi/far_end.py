"""The relay on this machine, with TLS as in life and a tutor whose replies can be told apart by ear: one pitch each."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from agent.relay.registry import Registry
from agent.relay.reply import Spoken
from agent.relay.server import Relay
from agent.relay.service import Service
from agent.relay.settings import RelaySettings
from agent.relay.tutors import Caller, ServiceTutor
from agent.units import SAMPLE_RATE_HZ
from hw_tests.virtual_pi.host import run

PITCHES: Final = (1000, 2000, 3000, 4000, 5000)
"""
Hz, one reply after the other. Whole periods in a millisecond: at an underrun the emulated USB loses packets of one, and
other pitches come out of it with their phase turned (seen: a tone of 500 Hz became 450 and 550).
"""

LEVEL: Final = 0.25
"""Of full scale: below the agent's ceiling, so that the limiter leaves it as it is."""

FADE_S: Final = 0.005

# One certificate that is its own authority. keyUsage: Python 3.13 asks an authority for it.
CERTIFICATE: Final = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7"),
    *("-subj", "/CN=relay of the virtual Pi", "-addext", "subjectAltName=IP:127.0.0.1"),
    *("-addext", "keyUsage=critical,digitalSignature,keyCertSign"),
)


@dataclass(slots=True)
class Tones:
    """
    Answers the n-th utterance since the start with the n-th of PITCHES, `seconds` long, and keeps what it heard.

    Threads: the relay's answers, a test looks at what it heard once the device was answered.
    """

    seconds: float = 6.0
    heard: list[bytes] = field(default_factory=list)

    def answer(self, heard: bytes) -> Spoken:
        """Say the next pitch, whatever was heard."""
        pitch = self.pitch(len(self.heard))
        self.heard.append(heard)
        return Spoken(_tone(pitch, self.seconds), "[a tone]")

    @staticmethod
    def pitch(n: int) -> int:
        """Hz of the n-th reply."""
        return PITCHES[n % len(PITCHES)]


@dataclass(frozen=True, slots=True)
class FarEnd:
    """
    A relay that listens at `port` here for a device with `token`; `certificate` is what it has to trust.

    There is no `token` where the relay has a registry: who provisions issues one.
    """

    port: int
    token: str
    certificate: str
    tutor: Tones


@contextmanager
def far_end(device_id: str, registry: Path | None = None) -> Iterator[FarEnd]:
    """Run a relay for one device, or for those of a registry, on a thread; its certificate is valid from now on."""
    tutor, told = Tones(), _Told()
    with TemporaryDirectory() as folder:
        key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
        run([*CERTIFICATE, "-keyout", key, "-out", certificate])
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate, key)
        trusted = certificate.read_text()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(tls, tutor, device_id, registry, told)), name="relay")
    thread.start()
    try:
        if not told.is_up.wait(timeout=10):
            raise RuntimeError("the relay does not listen")
        yield FarEnd(told.port, told.token, trusted, tutor)
    finally:
        told.end()
        thread.join()


class _Told:
    """What the relay's thread tells the test's, and the other way round."""

    def __init__(self) -> None:
        self.port, self.token = 0, ""
        self.is_up = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None

    async def up(self, port: int, token: str) -> None:
        """On the relay's: tell where it is, and wait for the end."""
        self.port, self.token = port, token
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self.is_up.set()
        await self._ended.wait()

    def end(self) -> None:
        if self._loop and self._ended:
            self._loop.call_soon_threadsafe(self._ended.set)


async def _serve(tls: ssl.SSLContext, tutor: Tones, device_id: str, file: Path | None, told: _Told) -> None:
    async def teach(caller: Caller) -> ServiceTutor:
        return ServiceTutor(Service(tutor, secrets.token_hex(6), caller.expires_at))

    with closing(Registry(file)) as registry:
        async with Relay(RelaySettings(), teach, registry).serve("127.0.0.1", 0, tls) as running:
            token = "" if file else running.mint_token(device_id)
            await told.up(int(running.url.rpartition(":")[2]), token)


def _tone(hz: int, seconds: float) -> bytes:
    at = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    edges = np.minimum(1, np.minimum(at, seconds - at) / FADE_S)
    return np.rint(32767 * LEVEL * edges * np.sin(2 * np.pi * hz * at)).astype("<i2").tobytes()
