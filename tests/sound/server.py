"""
A sound server of our own, with a loudspeaker that a microphone stands in front of, and no hardware at all.

    speaker       what the agent plays to                room     what is heard of it
    microphone    what the agent listens to              voice    what is said into it

PCMs of ALSA by these names, after `rig_`. What sounds in the room is heard by the microphone, too.
"""

import os
import select
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

DEVICES = """
</usr/share/alsa/alsa.conf>
pcm.rig_speaker {{ type pulse server "{server}" device "speaker" handle_underrun 1 }}
pcm.rig_microphone {{ type pulse server "{server}" device "microphone.monitor" }}
pcm.rig_room {{ type pulse server "{server}" device "speaker.monitor" }}
pcm.rig_voice {{ type pulse server "{server}" device "microphone" handle_underrun 1 }}
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

# Without shared memory: a client that is reading from it when the server dies waits for it for ever
# (libpulse 16.1, pa_memimport_free under the lock that the reader wants; seen in one run of five).
OPTIONS = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--log-level=error")

NONE = "no pulseaudio binary: no sound without a card (apt-get install pulseaudio libasound2-plugins)"


def pause(seconds):
    """Real time, for real sound."""
    select.select([], [], [], seconds)


class SoundServer:
    """A PulseAudio in this folder; it can be killed, and started again where its clients look for it."""

    def __init__(self, folder):
        self._folder, self._socket, self._process = Path(folder), Path(folder) / "native", None

    def environment(self):
        """Where server and clients find each other, and nobody else's."""
        asound = self._folder / "asound.conf"
        asound.write_text(DEVICES.format(server=f"unix:{self._socket}"))
        folders = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"), str(self._folder))
        return folders | {"ALSA_CONFIG_PATH": str(asound)}

    def start(self):
        """Start it, and wait until it can be reached."""
        loads = [part for module in MODULES for part in ("-L", module.format(socket=self._socket))]
        command = [shutil.which("pulseaudio"), *OPTIONS, *loads]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | self.environment())
        for _ in range(200):
            if self._socket.exists() or self._process.poll() is not None:
                break
            pause(0.025)
        assert self._socket.exists(), "the sound server did not start"

    def kill(self):
        """As a card that is pulled out: without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._socket.unlink(missing_ok=True)


@contextmanager
def private_server():
    """One that runs, with a place of its own; this process and its children find it while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="sound") as folder:
        server = SoundServer(folder)
        places = server.environment()
        before = {name: os.environ.get(name) for name in places}
        os.environ.update(places)
        try:
            server.start()
            yield server
        finally:
            server.kill()
            for name, place in before.items():
                os.environ.pop(name) if place is None else os.environ.update({name: place})
