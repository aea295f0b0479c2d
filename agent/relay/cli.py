"""
The command `reading-corner-relay`: serve devices, look after their tokens, and see how they are.

What a command needs is imported when it is called: provisioning issues tokens by the thousand.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from agent.errors import BadInput
from agent.relay.registry import Registry

OVERLAP_H: Final = 24.0
"""Sessions end within the hour, and the next one begins with the new token; a day is for one that nothing ends."""

LONGEST_OVERLAP_H: Final = 8760.0
"""A year: who wants both tokens for longer does not want a rotation."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, or 2 for what a person has to put right."""
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except BadInput as bad:
        print(bad, file=sys.stderr)
        return 2


def _serve(arguments: argparse.Namespace) -> int:
    from agent.relay.serving import run

    keys = ("host", "port", "tutor", "dialect", "close_after_s", "registry", "tls_certificate", "tls_key")
    return run(os.environ, **{key: getattr(arguments, key) for key in keys})


def _issue(arguments: argparse.Namespace) -> int:
    with closing(Registry(arguments.registry)) as registry:
        device_id = _device(arguments)
        if not arguments.again and registry.has_valid(device_id):
            expected = "one without; or `rotate`; or --again, for another that ends it as soon as it is used"
            raise BadInput("--device", f"{device_id!r}, which has a valid token", expected)
        print(registry.issue(device_id))
    return 0


def _rotate(arguments: argparse.Namespace) -> int:
    with closing(Registry(arguments.registry)) as registry:
        device_id, overlap_s = _device(arguments), round(_hours(arguments.overlap) * 3600)
        if not registry.rotations.want(device_id, overlap_s):
            raise BadInput("--device", repr(device_id), "a device that has come with the last token issued for it")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    with closing(Registry(arguments.registry)) as registry:
        if arguments.token:
            if not registry.revoke_token(arguments.token):
                raise BadInput("--token", "no such token, or a revoked one", "the id of one, as `list` shows it")
        elif not registry.revoke(_device(arguments)):
            raise BadInput("--device", repr(arguments.device), "a device with a token that is not revoked")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from agent.relay import token_list

    with closing(Registry(arguments.registry)) as registry:
        grants, rotations = registry.grants(arguments.device), registry.rotations.all()
    if arguments.json:
        print(json.dumps(token_list.as_json(grants, rotations)))
    else:
        for line in token_list.lines(grants, rotations):
            print(line)
    return 0


def _health(arguments: argparse.Namespace) -> int:
    from agent.relay.health_command import show

    with closing(Registry(arguments.registry)):
        return show(arguments.registry, arguments.json)


def _device(arguments: argparse.Namespace) -> str:
    if not arguments.device:
        raise BadInput("--device", "nothing", "the id of a device")
    return str(arguments.device)


def _hours(told: str | float) -> float:
    try:
        hours = float(told)
    except ValueError:
        hours = -1.0
    if not 0 <= hours <= LONGEST_OVERLAP_H:
        raise BadInput("--overlap", repr(told), f"hours from 0 to {LONGEST_OVERLAP_H:.0f}")
    return hours


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "reading-corner-relay", description="The far end of reading corners: serves devices, keeps their tokens."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="let devices in and open their tutors, until SIGTERM"))
    token = commands.add_parser("token", help="issue, rotate, revoke or list the tokens of devices")
    _add_token(token.add_subparsers(required=True, metavar="ACTION"))
    health = commands.add_parser("health", help="all devices with a valid token and how they are, the worst first")
    health.set_defaults(run=_health)
    health.add_argument("--registry", metavar="FILE", type=Path, required=True)
    health.add_argument("--json", action="store_true", help="for programs")
    return parser


def _add_serve(serve: argparse.ArgumentParser) -> None:
    serve.set_defaults(run=_serve)
    serve.add_argument("--host")
    serve.add_argument("--port")
    serve.add_argument("--tutor", help="scripted, parrot or openai (with OPENAI_API_KEY in the environment)")
    serve.add_argument("--dialect", help="ga, or beta for devices of before 2026")
    serve.add_argument("--close-after", dest="close_after_s", metavar="SECONDS", help="close each session after that")
    serve.add_argument("--registry", metavar="FILE")
    serve.add_argument("--tls-certificate", metavar="FILE", help="with its chain (PEM), where no proxy does TLS")
    serve.add_argument("--tls-key", metavar="FILE", help="its private key (PEM)")


def _add_token(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    issue = actions.add_parser("issue", help="print a token for a device that has none; it can not be shown again")
    issue.set_defaults(run=_issue)
    issue.add_argument("--again", action="store_true", help="another, which ends those before it once it is used")
    rotate = actions.add_parser("rotate", help="have the running relay give a device a new token, without a visit")
    rotate.set_defaults(run=_rotate)
    overlap = "for which the old one will do if the new one is not used (default: %(default)g)"
    rotate.add_argument("--overlap", metavar="HOURS", default=OVERLAP_H, help=overlap)
    revoke = actions.add_parser("revoke", help="take tokens back; who is in by one is put out within seconds")
    revoke.set_defaults(run=_revoke)
    revoke.add_argument("--token", metavar="ID", help="only the token of this id")
    listing = actions.add_parser("list", help="all tokens by their ids, and how each stands")
    listing.set_defaults(run=_list)
    listing.add_argument("--json", action="store_true", help="for programs")
    for action in (issue, rotate, revoke, listing):
        action.add_argument("--registry", metavar="FILE", type=Path, required=True)
        action.add_argument("--device", metavar="ID")
