"""One running machine: started, touched from outside, and stopped."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hw_tests.virtual_pi import guest, netem, qemu, sockets
from hw_tests.virtual_pi.build import Built
from hw_tests.virtual_pi.host import Trouble, end, run

BOOT_PATIENCE_S: Final = 180.0
"""Half a minute when nobody else needs the processor."""

LOOK_S: Final = 0.5
"""Between two attempts to log in: before sshd listens nothing of the machine can tell that it will."""

RING_LOOKS: Final = 200
"""For shares that are right within 7 percent points; what is lit for a fiftieth of the time is missed once in 57."""

RING_LOOK_S: Final = 0.0037
"""Between two looks: no simple share of the pulses' 10 ms, so that each look meets another part of one."""

STOP_PATIENCE_S: Final = 10.0

SSH: Final = (
    *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
    *("-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=6"),
)


class Machine:
    """
    A machine whose files are in `folder`; what it does not know it reads there, so that any process can make one.

    Every method raises Trouble if there is no machine, or it does not do as it is told.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def speaker_wav(self) -> Path:
        """What the USB speaker has played since the start; its header is only right once the machine has stopped."""
        return self.folder / "speaker.wav"

    def pid(self) -> int | None:
        """Which process it is, or None if there is none."""
        try:
            pid = int((self.folder / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self.folder).encode() in command else None

    def start(self, built: Built, clock: str | None = None) -> None:
        """Start with a fresh disk and a key of its own; return when one can log in. Whatever ran here is gone."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        (self.folder / "port").write_text(str(_free_port()))
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "virtual-pi", "-f", self.folder / "key"])
        run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", built.disk, self.folder / "disk.qcow2"])
        options = qemu.board(self.folder, self.port())
        tree = self.folder / "board.dtb"
        run(qemu.dump_tree(options, tree))
        run(["fdtput", "-c", tree, "/system"])
        run(["fdtput", "-t", "x", tree, "/system", "linux,revision", qemu.REVISION])
        run(qemu.boot(options, self.folder, built.kernel, built.initrd, clock))
        self.until_up()

    def until_up(self, other_than: str = "none") -> None:
        """Wait until one can log in, to another boot than the one of this id."""
        command = f"test $(cat /proc/sys/kernel/random/boot_id) != {other_than}"
        deadline = time.monotonic() + BOOT_PATIENCE_S
        while self.pid():
            self._leave()  # what is shared may lead to the boot before
            if subprocess.run(self.ssh_command(command), capture_output=True, check=False).returncode == 0:
                return
            if time.monotonic() > deadline:
                raise Trouble(f"nobody lets us in after {BOOT_PATIENCE_S:g} s; see {self.folder / 'console.log'}")
            time.sleep(LOOK_S)
        raise Trouble(f"the machine has ended; see {self.folder / 'console.log'}")

    def reboot(self, *, button_down: bool = False) -> None:
        """Have it start again as a user would, with its button held or not; return when one can log in."""
        boot = self.ssh("cat /proc/sys/kernel/random/boot_id").strip()
        with sockets.bringing(self.folder / "monitor", "RESET", BOOT_PATIENCE_S):
            subprocess.run(self.ssh_command("systemctl reboot"), capture_output=True, check=False)
        self._button(button_down)  # a reset lets all lines go
        self.until_up(other_than=boot)

    def stop(self) -> None:
        """End it as a power cut would, but let the speaker's WAV be finished; does nothing if there is none."""
        self._leave()
        if pid := self.pid():
            end(pid, STOP_PATIENCE_S)

    def port(self) -> int:
        """Where its sshd is, on the loopback."""
        try:
            return int((self.folder / "port").read_text())
        except OSError:
            raise Trouble("there is no machine: start one") from None

    def ssh_command(self, *command: str) -> list[str]:
        """Spell out how to run a shell command as root on it; none is a shell to type into."""
        return ["ssh", *SSH, *self._shared(), "-p", str(self.port()), "root@127.0.0.1", *command]

    def ssh(self, command: str, given: str = "") -> str:
        """Run a shell command on it as root, with `given` as its input, and return what it printed."""
        done = subprocess.run(self.ssh_command(command), input=given, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Trouble(f"{command!r} ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def press(self) -> None:
        """Press the button."""
        self._button(True)

    def release(self) -> None:
        """Let the button go."""
        self._button(False)

    def ring(self) -> tuple[float, ...]:
        """For which share of the time red, green and blue are lit, 0 to 1: they are pulsed, so it looks for a while."""
        gpio, looks = self.folder / "pins", []
        for _ in range(RING_LOOKS):
            (answer,) = sockets.pins(gpio, qemu.read_lines())
            looks.append([int(answer, 16) >> line & 1 for line in guest.RING_LINES])
            time.sleep(RING_LOOK_S)
        return tuple(sum(light) / RING_LOOKS for light in zip(*looks, strict=True))

    def unplug(self) -> None:
        """Pull the USB speaker out."""
        sockets.monitor(self.folder / "monitor", "device_del", until="DEVICE_DELETED", id=qemu.SPEAKER)

    def replug(self) -> None:
        """Put it back where it was."""
        where = {"id": qemu.SPEAKER, "bus": qemu.SPEAKER_BUS, "port": qemu.SPEAKER_PORT}
        sockets.monitor(self.folder / "monitor", "device_add", driver="usb-audio", audiodev="ear", **where)

    def network(self, weather: netem.Weather) -> None:
        """Let what passes between agent and relay meet this from now on."""
        self.ssh(" && ".join(netem.commands(weather, guest.RELAY_PORT)))

    def give_token(self, token: str) -> None:
        """Put the device's token where provisioning does, and start the agent anew."""
        place = "/etc/reading-corner/device-token"
        self.ssh(f"install -m 600 /dev/stdin {place} && systemctl restart --no-block reading-corner", f"{token}\n")

    def say(self, wav: str) -> None:
        """Speak one of the agent's own recordings, such as "en-short", into its microphone, to its end."""
        speech = "/opt/reading-corner/current/venv/lib/python3*/site-packages/agent/speech"
        self.ssh(f"aplay -q -D plughw:CARD=Loopback,DEV=1 {speech}/{wav}.wav")

    @contextmanager
    def tunnel(self, port: int, there: int = guest.RELAY_PORT) -> Iterator[None]:
        """Let the machine reach what listens at this port here, such as the relay, at a port of its own loopback."""
        with _ended(self.tunnel_command(f"127.0.0.1:{there}:127.0.0.1:{port}")):
            yield

    def tunnel_command(self, there: str) -> list[str]:
        """Spell out the tunnel; it is a connection of its own, which ends when the machine does."""
        options = ["-o", "ExitOnForwardFailure=yes", "-N", "-R", there]
        return ["ssh", *SSH, "-i", str(self.folder / "key"), *options, "-p", str(self.port()), "root@127.0.0.1"]

    def _leave(self) -> None:
        """End the connection that is shared: nobody answers on it any more."""
        shared = ["ssh", *self._shared(), "-O", "exit", "machine"]
        subprocess.run(shared, capture_output=True, check=False)

    def _button(self, down: bool) -> None:
        tree = sockets.monitor(self.folder / "monitor", "human-monitor-command", **{"command-line": "info qom-tree"})
        sockets.pins(self.folder / "pins", qemu.drive(qemu.gpio_path(tree), guest.BUTTON_LINE, down))

    def _shared(self) -> Sequence[str]:
        """One connection for all that is run: logging in takes seconds under emulation."""
        control = ("-o", "ControlMaster=auto", "-o", "ControlPersist=600", "-o", f"ControlPath={self.folder / 'ssh'}")
        return ("-i", str(self.folder / "key"), *control)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _ended(command: Sequence[str]) -> Iterator[None]:
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
