"""IT's bench with the blank machine on it: playbooks, wheels, a mirror of Debian, and the relay with its registry."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from agent import __version__
from hw_tests.virtual_pi import guest
from hw_tests.virtual_pi.blank import ACCOUNT, MIRROR_PORT
from hw_tests.virtual_pi.build import Blank
from hw_tests.virtual_pi.corner import Corner
from hw_tests.virtual_pi.far_end import far_end
from hw_tests.virtual_pi.journal import Journal
from hw_tests.virtual_pi.machine import Machine
from hw_tests.virtual_pi.places import REPOSITORY
from hw_tests.virtual_pi.wheels import PI
from tests.provisioning.bench import RELAY, Bench
from tests.provisioning.editions import Edition, source
from tests.provisioning.wheels import lay_out

DEVICE: Final = "rc-1"
TABLE: Final = f"""\
hostname,address,board,school_id,language,location,microphone,speaker,ring
{DEVICE},127.0.0.1,debian,30155,en-PR,"Biblioteca, rincón",Loopback,auto,pwm_leds
"""

SETTINGS: Final = {
    "button": {"gpio_pin": guest.BUTTON_LINE, "active_low": False},
    "ring": {"leds": 1, "gpio_pins": list(guest.RING_LINES)},
}

LOG_IN_S: Final = 60
"""Some seconds under emulation, many more beside others."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The machine as `Bench` knows a device; not over what a playbook made of it, but from outside."""

    pi: Machine

    def run(self, *command: str) -> str:
        """Run a command on it, as root; return what it prints."""
        return self.pi.ssh(shlex.join(command)).strip()


@contextmanager
def on_the_bench(blank: Blank, machine: Path, folder: Path) -> Iterator[tuple[Corner, Bench]]:
    """
    Start the blank machine, let `it` in as Raspberry Pi Imager does, and lay out all that playbooks need in `folder`.

    What a playbook does to it is up to the caller, who then reads its journal.
    """
    pi = Machine(machine)
    lay_out_release(folder, blank.wheels, REPOSITORY, __version__)
    registry = folder / "tokens.sqlite"
    with far_end(DEVICE, registry) as relay, _mirror(blank.mirror) as mirror, ExitStack() as stack:
        pi.start(blank.built)
        stack.callback(pi.stop)
        there = Corner(pi, relay, Journal(pi))
        stack.callback(there.close)
        home = f"~{ACCOUNT}/.ssh"
        pi.ssh(
            f"install -d -o {ACCOUNT} -m 700 {home} && install -o {ACCOUNT} -m 600 /dev/stdin {home}/authorized_keys",
            (machine / "key.pub").read_text(),
        )
        there.connect()
        stack.enter_context(pi.tunnel(mirror, MIRROR_PORT))
        (folder / "devices.csv").write_text(TABLE, "utf-8")
        (folder / "relay-ca.pem").write_text(relay.certificate)
        (folder / "vars.json").write_text(json.dumps(_known(pi, folder)))
        yield there, Bench(PI.name, Reached(pi), folder)


def lay_out_release(folder: Path, others: Path, project: Path, version: str) -> None:
    """Put the wheels of a release where playbooks look for them, with `others` than ours."""
    lay_out(folder / "wheelhouse" / version / PI.folder, others, project)


def lay_out_edition(folder: Path, others: Path, edition: Edition) -> None:
    """The same for a release that is made on purpose."""
    lay_out_release(folder, others, source(folder, edition), edition.version)


def _known(pi: Machine, folder: Path) -> dict[str, object]:
    return {
        "ansible_port": pi.port(),
        "ansible_user": ACCOUNT,
        "ansible_ssh_private_key_file": str(pi.folder / "key"),
        "ansible_ssh_timeout": LOG_IN_S,
        "reading_corner_version": __version__,
        "reading_corner_relay_url": f"wss://127.0.0.1:{guest.RELAY_PORT}",
        "reading_corner_relay_ca": str(folder / "relay-ca.pem"),
        "reading_corner_wheelhouse": str(folder / "wheelhouse"),
        "reading_corner_registry": str(folder / "tokens.sqlite"),
        "reading_corner_relay_command": RELAY,
        "reading_corner_known_hosts": str(folder / "known_hosts"),
        "reading_corner_settings": SETTINGS,
        "reading_corner_must_teach": True,
    }


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _mirror(folder: Path) -> Iterator[int]:
    """Serve packages on this machine's loopback; yields the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, name="mirror")
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
