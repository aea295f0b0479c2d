import os
import socket
from contextlib import contextmanager

import pytest

from agent.status.client import Feed, NoAnswer
from agent.status.words import ONCE
from tests.status.corner import an_agent

NOBODY = 65_534
"""A user and group of Debian that own nothing."""


@contextmanager
def a_socket(path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield listening


@contextmanager
def somebody_else():
    """Lose the rights of root, if that is who runs the tests, for a while."""
    if os.geteuid():
        yield
        return
    group = os.getegid()
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


def test_lines_come_whole_whatever_pieces_they_come_in(tmp_path):
    path = tmp_path / "status.sock"
    with a_socket(path) as listening, Feed(path, ONCE) as feed, listening.accept()[0] as agent:
        agent.sendall(b'{"a"')
        assert feed.newest() is None
        agent.sendall(b': "\xc3')
        assert feed.newest() is None
        agent.sendall(b'\xb1"}\n{"b": 2}\n{"c"')
        assert feed.newest() == '{"b": 2}'


def test_an_agent_that_hangs_up_is_told(tmp_path):
    path = tmp_path / "status.sock"
    with a_socket(path) as listening, Feed(path, ONCE) as feed:
        listening.accept()[0].close()  # with the wish unread: a reset
        with pytest.raises(NoAnswer, match="hung up"):
            feed.next()


def test_an_agent_that_is_stuck_is_told(tmp_path):
    path = tmp_path / "status.sock"
    with a_socket(path), Feed(path, ONCE) as feed, pytest.raises(NoAnswer, match="does not answer; look: systemctl"):
        feed.next()


@pytest.mark.parametrize("left_behind", [True, False])
def test_no_agent_is_told(tmp_path, left_behind):
    path = tmp_path / "status.sock"
    if left_behind:
        with a_socket(path):
            pass
    with pytest.raises(NoAnswer, match=r"not running: nobody answers at .*; look: systemctl status reading-corner"):
        Feed(path, ONCE)


def test_who_may_not_open_it_is_told_how_to(tmp_path):
    with an_agent(tmp_path) as path:
        if not os.geteuid():
            for folder in path.parents:
                folder.chmod(folder.stat().st_mode | 0o001)
        else:
            path.chmod(0)
        with somebody_else(), pytest.raises(NoAnswer, match="sudo usermod -aG reading-corner"):
            Feed(path, ONCE)


def test_a_path_that_no_socket_can_have_is_told(tmp_path):
    with pytest.raises(NoAnswer, match="too long"):
        Feed(tmp_path / ("x" * 200), ONCE)
