"""The command line of the virtual Pi."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from subprocess import run
from typing import Final

from agent.errors import AgentError
from hw_tests.virtual_pi import guest, netem
from hw_tests.virtual_pi.build import build
from hw_tests.virtual_pi.figures import measure
from hw_tests.virtual_pi.machine import Machine
from hw_tests.virtual_pi.places import machine


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; what can not be done is one line and exit status 2, but `ssh` ends as its command did."""
    arguments = parser().parse_args(argv)
    try:
        return COMMANDS[arguments.command](Machine(machine()), arguments)
    except AgentError as trouble:
        print(trouble, file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """Say what can be typed."""
    whole = argparse.ArgumentParser(prog="python -m hw_tests.virtual_pi")
    commands = whole.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="make the disk, or what of it has changed")
    start = commands.add_parser("start", help="build, then start a machine with a fresh disk; one that runs is stopped")
    start.add_argument("--clock", type=_day, metavar="YYYY-MM-DD", help="what its clock says, as on a Pi that has none")
    ssh = commands.add_parser("ssh", help="run a command as root, or a shell")
    ssh.add_argument("words", nargs=argparse.REMAINDER, metavar="CMD")
    commands.add_parser("press", help="press the button")
    commands.add_parser("release", help="let it go")
    commands.add_parser("unplug", help="pull the USB speaker out")
    commands.add_parser("replug", help="put it back")
    network = commands.add_parser("network", help="what agent and relay meet; nothing said: all is well")
    network.add_argument("--delay", type=int, default=0, metavar="MS", help="each way")
    network.add_argument("--jitter", type=int, default=0, metavar="MS")
    network.add_argument("--loss", type=float, default=0.0, metavar="PERCENT")
    network.add_argument("--cut", action="store_true", help="lose everything, and tell nobody")
    tunnel = commands.add_parser("tunnel", help="let it reach the relay that listens here, until Ctrl-C")
    tunnel.add_argument("port", type=int)
    commands.add_parser("status", help="is it there, what does it need, what is lit")
    commands.add_parser("figures", help="start another, and measure the agent beside a bare loop: four minutes")
    commands.add_parser("stop", help="cut the power")
    return whole


def weather(arguments: argparse.Namespace) -> netem.Weather:
    """Read what `network` was told."""
    return netem.CUT if arguments.cut else netem.Weather(arguments.delay, arguments.jitter, arguments.loss)


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _build(_: Machine, arguments: argparse.Namespace) -> int:
    del arguments
    began = time.monotonic()
    made = build(lambda line: print(line, flush=True))
    print(f"{made.disk} ({time.monotonic() - began:.0f} s)")
    return 0


def _start(pi: Machine, arguments: argparse.Namespace) -> int:
    made = build(lambda line: print(line, flush=True))
    began = time.monotonic()
    pi.start(made, arguments.clock)
    print(f"up after {time.monotonic() - began:.0f} s, sshd at 127.0.0.1:{pi.port()}, files in {pi.folder}")
    return 0


def _ssh(pi: Machine, arguments: argparse.Namespace) -> int:
    return run(pi.ssh_command(*arguments.words), check=False).returncode


def _tunnel(pi: Machine, arguments: argparse.Namespace) -> int:
    print(f"port {guest.RELAY_PORT} of the machine is port {arguments.port} here", flush=True)
    there = f"127.0.0.1:{guest.RELAY_PORT}:127.0.0.1:{arguments.port}"
    return run(pi.tunnel_command(there), check=False).returncode


def _status(pi: Machine, arguments: argparse.Namespace) -> int:
    del arguments
    pid = pi.pid()
    if pid is None:
        print("no machine runs")
        return 1
    lit = ", ".join(f"{light:.0%}" for light in pi.ring())
    size = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    print(f"process {pid}, {int(size.split()[1]) // 1024} MB; sshd at 127.0.0.1:{pi.port()}; red, green, blue: {lit}")
    return 0


def _figures(_: Machine, arguments: argparse.Namespace) -> int:
    del arguments
    for line in measure(build(lambda line: print(line, flush=True))):
        print(line)
    return 0


def _told(deed: Callable[[Machine], None]) -> Callable[[Machine, argparse.Namespace], int]:
    def tell(pi: Machine, arguments: argparse.Namespace) -> int:
        del arguments
        deed(pi)
        return 0

    return tell


def _network(pi: Machine, arguments: argparse.Namespace) -> int:
    pi.network(weather(arguments))
    return 0


COMMANDS: Final[dict[str, Callable[[Machine, argparse.Namespace], int]]] = {
    "build": _build,
    "start": _start,
    "ssh": _ssh,
    "press": _told(Machine.press),
    "release": _told(Machine.release),
    "unplug": _told(Machine.unplug),
    "replug": _told(Machine.replug),
    "network": _network,
    "tunnel": _tunnel,
    "status": _status,
    "figures": _figures,
    "stop": _told(Machine.stop),
}
