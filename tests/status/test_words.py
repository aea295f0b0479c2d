from pathlib import Path

import pytest

from agent.status.words import socket_path


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({}, "/run/reading-corner/status.sock"),
        ({"RUNTIME_DIRECTORY": ""}, "/run/reading-corner/status.sock"),
        ({"RUNTIME_DIRECTORY": "/run/a:/run/b"}, "/run/a/status.sock"),
    ],
)
def test_the_socket_is_in_the_first_runtime_directory(environ, path):
    assert socket_path(environ) == Path(path)
