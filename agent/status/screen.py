"""`status --watch`: the live screen, which outlives the agent it watches."""

from __future__ import annotations

import os
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live

from agent.health.record import HealthRecord
from agent.status.client import PATIENCE_S, Feed, NoAnswer
from agent.status.reading import OtherVersion, read
from agent.status.view import screen
from agent.status.words import WATCH

ENDS: Final = frozenset(b"qQ\x04")
"""q, and Ctrl-D; Ctrl-C is a signal."""

RETRY_S: Final = 0.5
"""An agent that restarts is back within a second or two."""


def watch(path: Path, console: Console, keyboard: int) -> None:
    """
    Draw the agent's records until `q` or Ctrl-C.

    Args:
        path: Of the status socket.
        console: A terminal.
        keyboard: Descriptor of the terminal that the keys come from.

    Raises:
        NoAnswer: If there is no agent to begin with.
        OtherVersion: If it is of another version to begin with.

    """
    with Feed(path, WATCH) as feed:
        watched = _Watched(console, keyboard, read(feed.next()))
        with suppress(KeyboardInterrupt), _keys_at_once(keyboard), watched.live:
            watched.follow(feed)
            watched.reconnect(path)


class _Watched:
    """The newest record, why there is no newer one, and whether anybody still looks."""

    def __init__(self, console: Console, keyboard: int, record: HealthRecord) -> None:
        self.live = Live(console=console, screen=True, auto_refresh=False)
        self._console, self._keyboard, self._record = console, keyboard, record
        self._is_over = False

    def follow(self, feed: Feed) -> None:
        """Draw what comes until it ends or nobody looks any more."""
        while not self._is_over:
            try:
                ready = self._waited(PATIENCE_S, feed)
                if not ready:
                    self._draw("the agent stands still: it has told nothing for a while")
                elif feed in ready and (line := feed.newest()):
                    self._record = read(line)
                    self._draw()
            except (NoAnswer, OtherVersion) as trouble:
                self._draw(f"trying again: {trouble}")
                return

    def reconnect(self, path: Path) -> None:
        """Knock until somebody answers; over and over, until nobody looks any more."""
        while not self._is_over:
            self._waited(RETRY_S)
            try:
                with Feed(path, WATCH) as feed:
                    self.follow(feed)
            except NoAnswer as trouble:
                self._draw(f"trying again: {trouble}")

    def _waited(self, seconds: float, *feeds: Feed) -> list[Feed | int]:
        """Wait for a feed or a key; return what there was, empty if nothing."""
        sources: list[Feed | int] = [self._keyboard, *feeds]
        ready, _, _ = select.select(sources, [], [], seconds)
        if self._keyboard in ready:
            keys = _pressed(self._keyboard)
            self._is_over = not keys or bool(ENDS & frozenset(keys))
        return ready

    def _draw(self, trouble: str = "") -> None:
        self.live.update(screen(self._record, self._console.size.height, trouble), refresh=True)


def _pressed(keyboard: int) -> bytes:
    """Keys that wait; none when the terminal is gone."""
    try:
        return os.read(keyboard, 64)
    except OSError:
        return b""


@contextmanager
def _keys_at_once(keyboard: int) -> Iterator[None]:
    """Without Enter and without echo, and as it was before when this is over."""
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard, termios.TCSADRAIN)
    try:
        yield
    finally:
        with suppress(termios.error):  # EIO: the terminal is gone
            termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
