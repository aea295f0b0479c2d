"""The command `reading-corner-relay`: serve devices, look after their tokens, and see how they are."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console

from agent.errors import BadInput
from agent.relay import fleet, settings
from agent.relay.health import Reports
from agent.relay.openai import openai
from agent.relay.registry import Registry
from agent.relay.server import Relay
from agent.relay.settings import RelaySettings
from agent.relay.tutors import TutorFactory, parrot, scripted

WIDEST = 600
"""Characters of a line in a file or a pipe: more than any device fills."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, or 2 for what a person has to put right."""
    arguments = _parser().parse_args(argv)
    try:
        if arguments.command == "serve":
            return _serve(arguments)
        with closing(Registry(arguments.registry)) as registry:
            return _health(arguments) if arguments.command == "health" else _token(arguments, registry)
    except BadInput as bad:
        print(bad, file=sys.stderr)
        return 2


def tutors(chosen: RelaySettings) -> TutorFactory:
    """
    The tutors that the settings name.

    Raises:
        BadInput: If what that tutor needs is missing.

    """
    if chosen.tutor == "openai":
        return openai(chosen)
    return scripted() if chosen.tutor == "scripted" else parrot()


def _serve(arguments: argparse.Namespace) -> int:
    keys = ("host", "port", "tutor", "dialect", "close_after_s", "registry")
    chosen = settings.load(os.environ, **{key: getattr(arguments, key) for key in keys})
    if chosen.registry is None:
        raise BadInput("--registry", "nothing", "the path of the token registry")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    with closing(Registry(chosen.registry)) as registry:
        asyncio.run(_until_told(chosen, Relay(chosen, tutors(chosen), registry, Reports(chosen.registry))))
    return 0


async def _until_told(chosen: RelaySettings, relay: Relay) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    try:
        async with relay.serve(chosen.host, chosen.port) as running:
            print(f"listening on {running.url}", flush=True)
            await told.wait()
    except OSError as trouble:
        where = f"--host {chosen.host} --port {chosen.port}"
        raise BadInput(where, f"an address in trouble ({trouble.strerror})", "one to listen on") from None


def _token(arguments: argparse.Namespace, registry: Registry) -> int:
    if arguments.action == "list":
        for grant in registry.grants():
            print(grant.id, grant.device_id, grant.issued, f"revoked {grant.revoked}" if grant.revoked else "valid")
        return 0
    if arguments.action == "revoke" and arguments.token:
        if not registry.revoke_token(arguments.token):
            raise BadInput("--token", "no valid token of that id", "the id of one, as `list` shows it")
        return 0
    if not arguments.device:
        raise BadInput("--device", "nothing", "the id of a device")
    if arguments.action == "issue":
        print(registry.issue(arguments.device))
    elif not registry.revoke(arguments.device):
        raise BadInput("--device", repr(arguments.device), "a device with a valid token")
    return 0


def _health(arguments: argparse.Namespace) -> int:
    now = int(time.time())
    devices = fleet.worst_first(Reports(arguments.registry).devices(), now)
    if arguments.json:
        print(json.dumps(fleet.as_json(devices)))
    elif devices:
        # What is not read on a terminal is searched, and a search wants each device on one line.
        console = Console(width=None if sys.stdout.isatty() else WIDEST)
        console.print(fleet.table(devices, now), markup=False, highlight=False)
    else:
        print("no device has a valid token: `token issue` makes one")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reading-corner-relay", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="let devices in and open their tutors, until SIGTERM")
    serve.add_argument("--host")
    serve.add_argument("--port")
    serve.add_argument("--tutor", help="scripted, parrot or openai (with OPENAI_API_KEY in the environment)")
    serve.add_argument("--dialect", help="ga, or beta for devices of before 2026")
    serve.add_argument("--close-after", dest="close_after_s", metavar="SECONDS", help="close each session after that")
    serve.add_argument("--registry", metavar="FILE")
    token = commands.add_parser("token", help="issue, list or revoke the tokens of devices")
    token.add_argument("action", choices=("issue", "list", "revoke"))
    token.add_argument("--registry", metavar="FILE", type=Path, required=True)
    token.add_argument("--device", metavar="ID", help="whose token; `revoke` takes all of its tokens back")
    token.add_argument("--token", metavar="ID", help="revoke only the token of this id")
    health = commands.add_parser("health", help="all devices with a valid token and how they are, the worst first")
    health.add_argument("--registry", metavar="FILE", type=Path, required=True)
    health.add_argument("--json", action="store_true", help="for programs")
    return parser
