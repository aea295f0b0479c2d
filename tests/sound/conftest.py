"""A sound server of our own, with a loudspeaker that a microphone stands in front of, and no hardware at all."""

import select
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

DEVICES = """
</usr/share/alsa/alsa.conf>
pcm.rig_speaker {{ type pulse server "{server}" device "speaker" handle_underrun 1 }}
pcm.rig_microphone {{ type pulse server "{server}" device "microphone.monitor" }}
pcm.rig_unreachable {{ type pulse server "{server}.no" }}
pcm.rig_stubborn {{ type lfloat slave {{ pcm null format S16_LE }} }}
"""

MODULES = (
    "module-native-protocol-unix auth-anonymous=1 socket={socket}",
    "module-null-sink sink_name=speaker rate=48000 channels=2",
    "module-null-sink sink_name=microphone rate=48000 channels=2",
    # Beside being the air between the two, it keeps both awake: a null sink that nobody listens to
    # closely looks after new streams every two seconds only.
    "module-loopback source=speaker.monitor sink=microphone latency_msec=10",
)


def pytest_configure(config):
    config.addinivalue_line("markers", "sound: plays real sound, on a sound server that it starts itself")


def pause(seconds):
    """Real time, for real sound."""
    select.select([], [], [], seconds)


def wait_for(path, server):
    for _ in range(200):
        if path.exists() or server.poll() is not None:
            return path.exists()
        pause(0.025)
    return False


def environment(folder, socket):
    """Where a server in this folder and its clients find each other, and nobody else's."""
    asound = Path(folder) / "asound.conf"
    asound.write_text(DEVICES.format(server=f"unix:{socket}"))
    folders = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"), folder)
    return folders | {"ALSA_CONFIG_PATH": str(asound)}


@contextmanager
def running_server():
    """Start a sound server and point ALSA at it; stop it afterwards."""
    binary = shutil.which("pulseaudio")
    if binary is None:
        pytest.skip("no pulseaudio binary: no sound without a card (apt-get install pulseaudio libasound2-plugins)")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        socket = Path(folder) / "native"
        for name, value in environment(folder, socket).items():
            patch.setenv(name, value)
        loads = [part for module in MODULES for part in ("-L", module.format(socket=socket))]
        # Without shared memory: a client that is reading from it when the server dies waits for it for ever
        # (libpulse 16.1, pa_memimport_free under the lock that the reader wants; seen in one run of five).
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        server = subprocess.Popen([binary, *options, "--log-level=error", *loads], stderr=subprocess.DEVNULL)
        try:
            assert wait_for(socket, server), "the sound server did not start"
            yield server
        finally:
            server.kill()
            server.wait()


@pytest.fixture(scope="session")
def sound_server():
    with running_server() as server:
        yield server


@pytest.fixture
def mortal_server(sound_server):
    """One more, for a test that ends it; the first one is found again afterwards."""
    with running_server() as server:
        yield server


@pytest.fixture
def clock():
    return time.monotonic


@pytest.fixture
def sleep():
    return pause
