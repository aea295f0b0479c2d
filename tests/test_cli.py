"""The command line: a lesson as a user would play one, and one clear line for whatever they got wrong."""

import json
import subprocess
import sys
import wave
from contextlib import contextmanager

import numpy as np
import pytest

from agent.cli import main
from agent.errors import IllegalEvent

HELLO = 'patience_s = 10\n[[step]]\nwhen = "ready"\ndo = "speak"\nwav = "hello.wav"\n'
ANSWERED = '[[step]]\nwhen = "answered 1"\ndo = "wait"\n'
RELAY = "import sys; from agent.relay.cli import main; sys.exit(main())"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in, with half a second of sound in `hello.wav`."""
    monkeypatch.chdir(tmp_path)
    tone = (8000 * np.sin(np.arange(12000) * 2 * np.pi * 440 / 24000)).astype("<i2")
    with wave.open("hello.wav", "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(24000)
        wav.writeframes(tone.tobytes())
    return tmp_path


@pytest.fixture
def script(folder):
    def write(text):
        (folder / "lesson.toml").write_text(text)
        return ["simulate", "--script", "lesson.toml"]

    return write


def test_a_lesson_is_played_told_and_kept(script, folder, capsys):
    assert main([*script('tutor = "parrot"\n' + HELLO + ANSWERED), "--out", "out", "--plot", "out/t.png"]) == 0
    assert "answered" in capsys.readouterr().out
    with wave.open(str(folder / "out" / "speaker.wav")) as wav:
        heard = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
    assert 0.45 * 24000 < np.count_nonzero(np.abs(heard.astype(int)) > 1000) / 0.92 < 0.6 * 24000
    assert (folder / "out" / "timeline.jsonl").read_text().count('"kind": "commit"') == 1
    assert (folder / "out" / "t.png").read_bytes().startswith(b"\x89PNG")


def test_a_lesson_whose_turn_is_not_answered_fails(script, capsys):
    refused = '[[step]]\nwhen = "ready"\ndo = "refuse"\nstatus = 503\n[[step]]\ndo = "cut"\n'
    lesson = "patience_s = 3\n" + refused + HELLO.replace("patience_s = 10\n", "").replace('"ready"', '"connecting"')
    assert main(script(lesson + ANSWERED)) == 1
    assert "step 4 waited 3 s for 'answered 1'" in capsys.readouterr().err


def test_a_turn_for_each_recording(folder, capsys):
    assert main(["simulate", "--tutor", "parrot", "--say", "hello.wav", "hello.wav"]) == 0
    assert capsys.readouterr().out.count("first sound") == 2


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--say", "gone.wav"], "gone.wav: found no such file"),
        (["--say", "hello.txt"], "hello.txt: found"),
        (["--script", "gone.toml"], "gone.toml: found no such file"),
        (["--say", "hello.wav", "--settings", "gone.toml"], "gone.toml: found no such file"),
        (["--say", "hello.wav", "--settings", "odd.toml"], "odd.toml: found unknown key 'relay.ulr'"),
        (["--script", "odd-lesson.toml"], "odd-lesson.toml: step 1: do: found 'dance'"),
        (["--say", "hello.wav", "--relay", "ws://relay.example"], "argument: relay.url: found 'ws://relay.example'"),
        (["--say", "hello.wav", "--alsa"], "--alsa: found a lesson as well"),
        (["--say", "hello.wav", "--out", "hello.wav"], "--out: found hello.wav"),
        ([], "standard input: found no terminal"),
    ],
)
def test_bad_input_is_one_line_that_names_it(folder, capsys, arguments, line):
    (folder / "hello.txt").write_text("hello")
    (folder / "odd.toml").write_text("[relay]\nulr = 'wss://relay.example'\n")
    (folder / "odd-lesson.toml").write_text("[[step]]\ndo = 'dance'\n")
    assert main(["simulate", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith(line), told
    assert told.count("\n") == 1
    assert "expected" in told


@contextmanager
def relay(folder):
    """A relay of its own, as a district runs one; gives its address."""
    command = [sys.executable, "-c", RELAY, "serve", "--port", "0", "--registry", str(folder / "tokens")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()
            server.wait(5)


def test_a_token_that_the_relay_refuses_is_bad_input(folder, capsys, monkeypatch):
    monkeypatch.setenv("READING_CORNER_TOKEN", "rct_of_somebody_else")
    with relay(folder) as url:
        assert main(["simulate", "--say", "hello.wav", "--relay", url]) == 2
    told = capsys.readouterr().err
    assert told.startswith("device token: found")
    assert "HTTP 401" in told
    assert "somebody" not in told


def test_no_token_at_all_is_bad_input_too(folder, capsys, monkeypatch):
    monkeypatch.delenv("READING_CORNER_TOKEN", raising=False)
    assert main(["simulate", "--say", "hello.wav", "--relay", "ws://127.0.0.1:1"]) == 2
    assert "READING_CORNER_TOKEN is not set" in capsys.readouterr().err


def test_what_is_plugged_in_is_listed_for_people_and_programs(capsys):
    assert main(["devices"]) == 0
    assert "microphone" in capsys.readouterr().out
    assert main(["devices", "--json"]) == 0
    assert {"cards", "gpio_chips"} <= json.loads(capsys.readouterr().out).keys()


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_a_status_of_no_agent_is_one_line_that_says_where_to_look(folder, capsys, monkeypatch, how):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(folder))
    assert main(["status", *how]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "systemctl status reading-corner" in told


def test_a_live_status_needs_a_terminal(capsys):
    assert main(["status", "--watch"]) == 2
    assert capsys.readouterr().err.startswith("--watch: found no terminal")


def test_settings_are_shown_and_checked(folder, capsys):
    (folder / "agent.toml").write_text("grade = 3\n")
    assert main(["config", "show", "--settings", "agent.toml"]) == 0
    assert "grade" in capsys.readouterr().out
    assert main(["config", "check", "agent.toml"]) == 0
    (folder / "agent.toml").write_text("grade = 9\n")
    assert main(["config", "check", "agent.toml"]) == 2


def test_a_device_without_a_relay_is_told_before_anything_is_opened(folder, capsys):
    (folder / "agent.toml").write_text("grade = 3\n")
    assert main(["run", "--settings", "agent.toml"]) == 2
    assert capsys.readouterr().err.startswith("<3>settings not usable: relay.url: found nothing")


def test_without_pins_there_is_no_agent_and_one_line_says_why(folder, capsys):
    (folder / "agent.toml").write_text("[relay]\nurl = 'wss://relay.example'\n")
    assert main(["run", "--settings", "agent.toml"]) == 1
    assert capsys.readouterr().err.startswith("<3>no agent without it: no pins: ")


def test_a_bug_of_ours_keeps_its_traceback(monkeypatch):
    def mistaken(*_):
        raise IllegalEvent("str in READY")

    monkeypatch.setattr("agent.run_command.run", mistaken)
    with pytest.raises(IllegalEvent):
        main(["run"])
