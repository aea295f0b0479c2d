"""A lesson on the stage: each step waits for what it waits for, then happens."""

import asyncio
import wave

import pytest

from agent.errors import BadInput
from agent.simulator import lesson
from agent.simulator.button import FingerButton
from agent.simulator.microphone import FileMicrophone
from agent.simulator.stage import LessonStuck, Stage
from agent.simulator.timeline import Timeline
from tests.clock import jumping


class Levers:
    """A far end that remembers which levers were pulled."""

    def __init__(self):
        self.pulled = []

    async def cut(self):
        self.pulled.append("cut")

    async def stall(self, seconds):
        self.pulled.append(("stall", seconds))

    async def close_all(self, code):
        self.pulled.append(("close", code))

    async def refuse(self, status, retry_after=None):
        self.pulled.append(("refuse", status, retry_after))


@pytest.fixture
def script(tmp_path):
    """Write a lesson, beside a second of speech called `hello.wav`."""
    with wave.open(str(tmp_path / "hello.wav"), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(24000)
        wav.writeframes(b"\x01\x10" * 24000)

    def write(text):
        file = tmp_path / "lesson.toml"
        file.write_text(text)
        return lesson.read(file)

    return write


def played(planned, *happens, far_end=None):
    """
    Play a lesson while facts happen: (seconds from the start, kind, facts).

    Returns the moments of its steps and of the button's moves, in seconds, and of the student's voice.
    """

    async def play():
        loop = asyncio.get_running_loop()
        timeline, seen = Timeline(loop.time), []
        button = FingerButton(loop.time)
        button.watch(lambda down, at: seen.append(("down" if down else "up", round(at, 2))))
        passed = [0.0]  # the microphone's own time: each period that is read takes its length

        def pass_by(seconds):
            passed[0] += seconds

        microphone = FileMicrophone(lambda: passed[0], pass_by)
        timeline.follow(
            lambda r: (
                r.kind in ("lesson", "voice")
                and seen.append((r.facts.get("do", f"voice {r.facts.get('on')}"), round(r.at_ms / 1000, 2)))
            )
        )
        for at, kind, facts in happens:
            loop.call_later(at, lambda kind=kind, facts=facts: timeline.note(kind, **facts))

        async def listen():
            while True:
                await asyncio.sleep(0.01)
                microphone.read()

        listening = asyncio.create_task(listen())
        try:
            await Stage(planned, microphone, button, far_end, timeline).play()
        finally:
            listening.cancel()
        return seen

    return jumping(play())


def test_a_step_waits_for_its_scene_then_a_little_then_happens(script):
    planned = script('[[step]]\nwhen = "ready"\nafter_s = 0.5\ndo = "press"\n[[step]]\nafter_s = 1\ndo = "release"')
    assert played(planned, (2.0, "scene", {"name": "ready"})) == [
        ("press", 2.5),
        ("down", 2.5),
        ("release", 3.5),
        ("up", 3.5),
    ]


def test_a_student_who_speaks_holds_the_button_to_the_last_word(script):
    seen = dict(played(script('[[step]]\ndo = "speak"\nwav = "hello.wav"'), far_end=Levers()))
    assert seen["down"] == seen["voice True"] == 0
    assert 1.0 <= seen["voice False"] < seen["up"] < 1.3


def test_while_the_student_says_something_the_lesson_goes_on(script):
    planned = script(
        '[[step]]\ndo = "say"\nwav = "hello.wav"\n[[step]]\nafter_s = 0.5\ndo = "wait"\n'
        '[[step]]\nwhen = "said"\ndo = "release"'
    )
    seen = dict(played(planned))
    assert seen["wait"] == 0.5 < 1.0 <= seen["voice False"] <= seen["release"]


def test_the_levers_of_the_relay_are_pulled(script):
    far_end = Levers()
    played(
        script(
            '[[step]]\ndo = "cut"\n[[step]]\ndo = "stall"\nfor_s = 2\n[[step]]\ndo = "close"\ncode = 1012\n'
            '[[step]]\ndo = "refuse"\nstatus = 429\nretry_after_s = 7\n[[step]]\ndo = "accept"'
        ),
        far_end=far_end,
    )
    assert far_end.pulled == ["cut", ("stall", 2), ("close", 1012), ("refuse", 429, 7), ("refuse", None, None)]


def test_somebody_elses_relay_has_no_levers(script):
    with pytest.raises(BadInput, match="step 2: found 'cut' with --relay"):
        played(script('[[step]]\ndo = "wait"\n[[step]]\ndo = "cut"'))


def test_a_recording_that_is_not_there_is_told_before_anything_begins(script):
    with pytest.raises(BadInput, match=r"nothing\.wav"):
        played(script('[[step]]\ndo = "press"\n[[step]]\ndo = "speak"\nwav = "nothing.wav"'))


def test_a_lesson_that_waits_in_vain_says_where_and_for_what(script):
    with pytest.raises(LessonStuck, match="step 2 waited 3 s for 'sound 2'"):
        played(script('patience_s = 3\n[[step]]\ndo = "wait"\n[[step]]\nwhen = "sound 2"\ndo = "wait"'))
