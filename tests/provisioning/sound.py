"""Sound for a target: a card whose PCMs are those of a sound server on this machine, and a student who speaks."""

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest

from tests.provisioning.agent_on_a_target import CARDS, DOWN
from tests.provisioning.target import Target
from tests.sound.server import NONE, SoundServer, pause

HOME = "/srv/sound"

ASOUND = f"""
pcm.!hw {{
    @args [ CARD DEV ]
    @args.CARD {{ type string }}
    @args.DEV {{ type string default "0" }}
    type asym
    playback.pcm {{ type pulse server "unix:{HOME}/native" device "speaker" handle_underrun 1 }}
    capture.pcm {{ type pulse server "unix:{HOME}/native" device "microphone.monitor" }}
}}
ctl.!hw {{
    @args [ CARD ]
    @args.CARD {{ type string }}
    type pulse server "unix:{HOME}/native" sink "speaker" source "microphone.monitor"
}}
"""

CARD = {
    "proc/asound/cards": " 0 [Corner         ]: USB-Audio - Corner\n                      a sound server\n",
    "proc/asound/card0/pcm0c/info": "",
    "proc/asound/card0/pcm0p/info": "",
    "sys/class/sound/card0/device/idVendor": "0d8c\n",
    "sys/class/sound/card0/device/idProduct": "0014\n",
}

RATE_HZ, TONE_HZ = 24_000, 500
QUESTION_S, FINGER_S = 1.2, 0.3
REPLY_S = 15.0
QUESTION = (6000 * np.sin(np.arange(int(RATE_HZ * QUESTION_S)) * 2 * np.pi * TONE_HZ / RATE_HZ)).astype(np.int16)
RAW = ("--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1")


@dataclass(frozen=True)
class Student:
    """In front of a target that can be heard."""

    target: Target
    server: str

    def asks(self):
        """Press, say something, release; return how much of what the corner says within a while is that, 0 to 1."""
        listen = ["parec", f"--server={self.server}", "--device=speaker.monitor", *RAW]
        with subprocess.Popen(listen, stdout=subprocess.PIPE) as ear:
            self.press()
            pause(FINGER_S)
            self._say()
            pause(FINGER_S)
            self.release()
            heard = ear.stdout.read(int(RATE_HZ * REPLY_S) * QUESTION.itemsize)
            ear.terminate()
        return _likeness(np.frombuffer(heard, np.int16))

    def press(self):
        """Put a finger on the button."""
        self.target.path(str(DOWN)).touch()

    def release(self):
        """And take it off."""
        self.target.path(str(DOWN)).unlink()

    def _say(self):
        speak = ["pacat", "--playback", f"--server={self.server}", "--device=microphone", *RAW]
        subprocess.run(speak, input=QUESTION.tobytes(), check=True)


@contextmanager
def audible(target):
    """Plug the card in and start the agent again; yields a student."""
    if shutil.which("pulseaudio") is None:
        pytest.skip(NONE)
    target.run("apt-get", "-q", "install", "-y", "--no-install-recommends", "libasound2-plugins")
    target.path("/etc/asound.conf").write_text(ASOUND)
    target.path(HOME).mkdir()
    server = SoundServer(target.root / HOME.lstrip("/"))
    server.start()
    target.path(HOME).chmod(0o755)  # it made it its own, and the agent is another user
    try:
        for file, text in CARD.items():
            path = target.path(f"{CARDS}/{file}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        # A process reads ALSA's configuration once.
        target.run("systemctl", "try-restart", "reading-corner.service")
        yield Student(target, f"unix:{target.root}{HOME}/native")
    finally:
        server.kill()


def _likeness(sound):
    """Of its half second that is most like the question."""
    half = RATE_HZ // 2
    wave = np.exp(-2j * np.pi * TONE_HZ * np.arange(half) / RATE_HZ)
    parts = sound[: len(sound) // half * half].reshape(-1, half).astype(float)
    return max((abs(part @ wave) / (np.linalg.norm(part) * np.sqrt(half / 2) + 1) for part in parts), default=0.0)
