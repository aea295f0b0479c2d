"""Where lines go: to journald by its own protocol, or to a stream."""

import io
import json
import socket
import subprocess
import sys

import pytest

from agent.journal import Journal, Line, Priority, fitting, to_stream, to_systemd

IN_A_WORLD_OF_ITS_OWN = ("unshare", "--user", "--map-root-user", "--mount")
"""Where /run/systemd/journal/socket can be ours."""

JOURNALD = """
import json, os, pathlib, socket, sys
folder = pathlib.Path("/run/systemd/journal")
folder.mkdir(parents=True)
journald = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journald.bind(str(folder / "socket"))
from agent.journal import Journal, Line, Priority, fitting
here = os.fstat(2)
send, least = fitting({"JOURNAL_STREAM": f"{here.st_dev}:{here.st_ino}"}, sys.stderr)
journal = Journal(send, lambda: 0.0, least)
journal.note("scene", name="ready")
journal.note("turn", turn=7, end="heard", release_to_sound_ms=640, token="rct_0_secret")
journal.say(Line.DIED, Priority.ERROR, "died", error="ValueError", traceback="one\\ntwo")
journald.settimeout(5)
print(json.dumps([journald.recv(65536).hex() for _ in range(3)]))
"""


def parsed(datagram):
    """Fields of a native message (systemd's docs/JOURNAL_NATIVE_PROTOCOL.md)."""
    fields = {}
    while datagram:
        name, _, rest = datagram.partition(b"\n")
        if b"=" in name:
            name, _, value = name.partition(b"=")
        else:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[9 + size :]
        fields[name.decode()], datagram = value.decode(), rest
    return fields


def test_journald_gets_our_fields_and_no_others():
    command = [*IN_A_WORLD_OF_ITS_OWN, "sh", "-c", 'mount -t tmpfs none /run && exec "$0" -c "$1"']
    try:
        done = subprocess.run([*command, sys.executable, JOURNALD], capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        pytest.skip("no unshare")
    if done.returncode and ("unshare" in done.stderr or "mount:" in done.stderr):
        pytest.skip("no user namespaces here")
    scene, turn, died = (parsed(bytes.fromhex(one)) for one in json.loads(done.stdout))
    assert scene["PRIORITY"] == "7"  # the unit says what is kept
    assert turn == {
        "MESSAGE": "turn 7: first sound 640 ms after release, heard to the end",
        "MESSAGE_ID": "3d8a5b6c7e9f4b72a9d8e7f6a5b4c312",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "reading-corner",
        "AGENT_EVENT": "turn",
        "AGENT_TURN": "7",
        "AGENT_END": "heard",
        "AGENT_RELEASE_TO_SOUND_MS": "640",
    }
    assert (died["AGENT_TRACEBACK"], died["AGENT_ERROR"], died["PRIORITY"]) == ("one\ntwo", "ValueError", "3")


def test_a_laptop_gets_its_journal_on_standard_error(capsys):
    send, least = fitting({})
    send("hello", {"PRIORITY": "6"})
    assert (capsys.readouterr().err, least) == ("<6>hello\n", Priority.INFO)


def test_a_variable_that_was_inherited_is_no_journal(tmp_path):
    with (tmp_path / "err").open("w+") as stream:
        send, _ = fitting({"JOURNAL_STREAM": "8:12345"}, stream)
        send("hello", {"PRIORITY": "6"})
        stream.seek(0)
        assert stream.read() == "<6>hello\n"


def test_where_there_is_no_journald_the_line_is_lost_and_nothing_else(tmp_path):
    send = to_systemd(tmp_path / "socket")
    Journal(send, lambda: 0.0).say(Line.READY, Priority.INFO, "ready")
    with pytest.raises(OSError, match="No such file"):
        send("hello", {"PRIORITY": "6"})


def test_a_journald_that_hangs_keeps_nobody_waiting(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journald:
        journald.bind(str(tmp_path / "socket"))
        journal = Journal(to_systemd(tmp_path / "socket"), lambda: 0.0)
        for _ in range(10_000):  # the kernel keeps 512 of them, or as many as fit into the sender's buffer
            journal.say(Line.READY, Priority.INFO, "ready")
        assert parsed(journald.recv(65536))["MESSAGE"] == "ready"


def test_a_traceback_follows_its_line():
    stream = io.StringIO()
    to_stream(stream)("died of ValueError", {"PRIORITY": "3", "AGENT_TRACEBACK": "life.py:1 in live\nValueError"})
    assert stream.getvalue() == "<3>died of ValueError\n<3>life.py:1 in live\n<3>ValueError\n"
