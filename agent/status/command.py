"""`reading-corner status`: how the running agent is. Exit status 0 if it told, 1 if not, 2 for a wrong use."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from rich.console import Console

from agent.errors import BadInput
from agent.status.client import Feed
from agent.status.reading import read
from agent.status.view import page
from agent.status.words import ONCE, socket_path


def show(environ: Mapping[str, str], console: Console, as_json: bool) -> int:
    """
    Print the record of this moment: for people, or as the agent tells it.

    Returns:
        The exit status, 0: how well the agent is does not change it.

    Raises:
        NoAnswer: If there is no record to be had.
        OtherVersion: If it is one for another version of this command; as JSON it is printed all the same.

    """
    with Feed(socket_path(environ), ONCE) as feed:
        line = feed.next()
    if as_json:
        console.print_json(line)
    else:
        console.print(page(read(line)))
    return 0


def watch(environ: Mapping[str, str], console: Console) -> int:
    """
    Draw the record as it changes, until somebody has seen enough.

    Returns:
        The exit status.

    Raises:
        NoAnswer: If there is no agent to begin with.
        BadInput: If there is no terminal to draw on.

    """
    from agent.status import screen

    if not (console.is_terminal and sys.stdin.isatty()):
        raise BadInput("--watch", "no terminal", "one to draw on; over SSH: ssh -t")
    screen.watch(socket_path(environ), console, sys.stdin.fileno())
    return 0
