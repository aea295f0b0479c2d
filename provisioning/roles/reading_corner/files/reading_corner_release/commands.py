"""The command line: what was asked for, in which order, and what is answered."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from reading_corner_release.activation import REST_S, activate, settle
from reading_corner_release.machine import Machine
from reading_corner_release.plan import NOTHING
from reading_corner_release.refusal import BAD_INPUT, BUSY, DONE, FAILED, Refusal
from reading_corner_release.releases import install, installed, links, prune

EXITS = """exit status:
  0  done: the release is active, or what was asked for is so
  1  it did not work; what was active before is active
  2  something that a person wrote is of no use
  3  busy: a turn does not end, or another one of this program is at work; nothing was changed
"""


def main(arguments: Sequence[str], machine: Machine) -> int:
    """Do what was asked for; return the exit status. What goes wrong is one line on stderr."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.verb == "status":
            return _status(machine, as_json=asked.json)
        machine.make_folder(machine.base)
        with _alone(machine.base):
            return _do(asked, machine)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.status
    except OSError as error:
        print(f"{error}{'; run it as root' if os.geteuid() else ''}", file=sys.stderr)
        return FAILED


def _do(asked: argparse.Namespace, machine: Machine) -> int:
    match asked.verb:
        case "install":
            new = install(machine, asked.version, asked.wheels)
            print(f"{asked.version} is installed{'' if new else ' already'}")
        case "activate":
            return _activate(machine, asked.version, asked.patience)
        case "rollback":
            previous = links(machine).previous
            if previous is None:
                raise Refusal(BAD_INPUT, "there is no previous release to go back to")
            return _activate(machine, previous, asked.patience)
        case "recover":
            back = settle(machine)
            print("no change was cut short" if back is None else f"a change was cut short; back to: {back}")
        case "prune":
            print(f"removed: {', '.join(prune(machine)) or NOTHING}")
    return DONE


def _activate(machine: Machine, version: str, patience: float) -> int:
    before = links(machine).current
    why = activate(machine, version, patience)
    if why:
        print(f"{version} is given up: {why}; back to: {before or NOTHING}", file=sys.stderr)
        return FAILED
    print(f"{version} is active{' already' if why is None else ''}")
    if why is not None:
        with suppress(OSError):  # of no concern to who changes releases, and the next change tries again
            prune(machine)
    return DONE


def _status(machine: Machine, *, as_json: bool) -> int:
    found = links(machine)
    on_trial = found.current if found.way_back else None
    facts = {
        "current": found.current,
        "previous": found.previous,
        "on_trial": on_trial,
        "way_back": found.way_back,
        "installed": installed(machine),
    }
    if as_json:
        print(json.dumps(facts))
    else:
        for name, fact in facts.items():
            print(f"{name.replace('_', ' '):9} {', '.join(fact) if isinstance(fact, list) else fact or '-'}")
    return DONE


@contextmanager
def _alone(base: Path) -> Iterator[None]:
    """One change at a time. The lock goes with the process, however that ends."""
    handle = os.open(base, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refusal(BUSY, "another change of releases is under way") from None
    finally:
        os.close(handle)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message}; see --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="reading-corner-release",
        description="Releases of the reading-corner agent on this device.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verb = verbs.add_parser("install", help="make a release of a folder of wheels, without any network")
    verb.add_argument("version")
    verb.add_argument("wheels", type=Path, metavar="WHEELHOUSE", help="as `provisioning/wheelhouse build` makes it")
    verb = verbs.add_parser("activate", help="run a release; back to the one before if it proves to be worse")
    verb.add_argument("version")
    _patience(verb)
    _patience(verbs.add_parser("rollback", help="the same with the previous release"))
    verb = verbs.add_parser("status", help="what is installed, active and on trial")
    verb.add_argument("--json", action="store_true")
    verbs.add_parser("recover", help="go back if a change was cut short; what the device does at its start")
    verbs.add_parser("prune", help="remove releases that are neither current nor previous, as activate does")
    return parser


def _patience(verb: argparse.ArgumentParser) -> None:
    told = f"seconds to wait for the end of a turn, {REST_S:.0f} unless told"
    verb.add_argument("--patience", type=float, default=REST_S, metavar="SECONDS", help=told)
