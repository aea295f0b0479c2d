from pathlib import Path

import pytest

from agent.errors import BadInput
from agent.session.effects import Scene
from agent.simulator import lesson
from agent.simulator.lesson import Close, Cut, Fact, Lesson, Press, Progress, Refuse, Say, Speak, Stall
from agent.simulator.timeline import Record

ACTIONS = "one of press, release, say, speak, cut, stall, close, refuse, accept, wait"
DEMO = Path(lesson.__file__).parent / "demo.toml"


@pytest.fixture
def read(tmp_path):
    def written(toml: str) -> Lesson:
        file = tmp_path / "lesson.toml"
        file.write_text(toml, "utf-8")
        return lesson.read(file)

    return written


def test_steps_keep_their_order_and_what_was_not_told_has_its_usual_value(read, tmp_path):
    got = read(
        """
        patience_s = 5
        [[step]]
        when = "listening offline"
        after_s = 1.5
        do = "speak"
        wav = "mine/hello.wav"
        [[step]]
        do = "close"
        [[step]]
        do = "refuse"
        status = 429
        """
    )
    speak, close, refuse = got.step
    assert (got.tutor, got.patience_s) == ("scripted", 5)
    assert speak == Speak(when=Scene.LISTENING_OFFLINE, after_s=1.5, wav=tmp_path / "mine/hello.wav")
    assert close == Close(code=1012)
    assert refuse == Refuse(status=429, retry_after_s=None)


@pytest.mark.parametrize(
    ("text", "when"),
    [("ready", Scene.READY), ("ask an adult", Scene.ASK_ADULT), ("said", Fact("said")), ("link 12", Fact("link", 12))],
)
def test_when_is_a_scene_or_a_fact(read, text, when):
    assert read(f'[[step]]\nwhen = "{text}"\ndo = "wait"').step[0].when == when


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("", "step: found nothing; expected at least one [[step]]"),
        ("step = 3", "step: found 3; expected at least one [[step]]"),
        ('tutor = "robot"\n[[step]]\ndo = "cut"', "tutor: found 'robot'; expected 'scripted', 'parrot' or 'openai'"),
        ("patience_s = -1\n[[step]]\ndo = 'cut'", "patience_s: found -1; expected seconds from 0 to 3600"),
        ("[[stp]]\ndo = 'cut'", "found unknown key 'stp'; expected 'step'?"),
        (
            "step = [3]",
            "step 1: do: found 3; expected DO",
        ),
        (
            "[[step]]\nwhen = 'ready'",
            "step 1: do: found nothing; expected DO",
        ),
        (
            "[[step]]\ndo = 'cut'\n[[step]]\ndo = 'pres'",
            "step 2: do: found 'pres'; expected DO",
        ),
        ("[[step]]\ndo = 'cut'\nwen = 'ready'", "step 1: found unknown key 'wen'; expected 'when'?"),
        ("[[step]]\ndo = 'speak'", "step 1: wav: found nothing; expected a WAV file: 'bundled:es-short', or a path"),
        ("[[step]]\ndo = 'say'\nwav = 7", "step 1: wav: found 7; expected a WAV file: 'bundled:es-short', or a path"),
        ("[[step]]\ndo = 'say'\nwav = ''", "step 1: wav: found ''; expected a WAV file: 'bundled:es-short', or a path"),
        ("[[step]]\ndo = 'stall'\nfor_s = true", "step 1: for_s: found True; expected seconds from 0 to 3600"),
        ("[[step]]\ndo = 'cut'\nafter_s = '1'", "step 1: after_s: found '1'; expected seconds from 0 to 3600"),
        ("[[step]]\ndo = 'close'\ncode = 404", "step 1: code: found 404; expected a close code from 1000 to 4999"),
        ("[[step]]\ndo = 'refuse'\nstatus = 200", "step 1: status: found 200; expected an HTTP status from 400 to 599"),
        (
            "[[step]]\ndo = 'cut'\nwhen = 'link 0'",
            "step 1: when: found 'link 0'; expected a scene like 'ready', or 'said', 'sound N', 'answered N', 'link N'",
        ),
    ],
)
def test_a_mistake_is_one_line_with_file_step_key_found_and_expected(read, tmp_path, toml, line):
    with pytest.raises(BadInput) as caught:
        read(toml)
    assert str(caught.value) == f"{tmp_path / 'lesson.toml'}: {line.replace('DO', ACTIONS)}"


def test_a_lesson_can_be_put_together_without_a_file():
    asked = Lesson(step=(Speak(wav=Path("hello.wav")), Press(when=Fact("answered", 1))))
    assert [step.when for step in asked.step] == [None, Fact("answered", 1)]


def after(*records):
    progress = Progress()
    for kind, facts in records:
        progress.told(Record(0, kind, facts))
    return progress


def test_a_scene_is_what_the_ring_shows_now():
    progress = after(("scene", {"name": "ready"}), ("scene", {"name": "speaking"}))
    assert progress.is_true(Scene.SPEAKING)
    assert not progress.is_true(Scene.READY)


@pytest.mark.parametrize("end", ["heard", "silence"])
def test_a_turn_is_answered_when_its_audible_reply_is_over(end):
    sound, over = ("sound", {"turn": 1}), (end, {"turn": 1})
    assert after(sound).is_true(Fact("sound", 1))
    assert not after(sound).is_true(Fact("answered", 1))
    assert not after(over).is_true(Fact("answered", 1))
    assert after(sound, over, ("delta", {"turn": 2})).is_true(Fact("answered", 1))


def test_the_link_is_counted_each_time_it_comes_up():
    up, down = ("link", {"up": True}), ("link", {"up": False, "why": "cut"})
    assert not after(up, down).is_true(Fact("link", 2))
    assert after(up, down, up).is_true(Fact("link", 2))


def test_the_student_has_said_it_when_the_voice_is_off():
    assert not after(("voice", {"on": True})).is_true(Fact("said"))
    assert after(("voice", {"on": True}), ("voice", {"on": False})).is_true(Fact("said"))


def test_the_demo_interrupts_a_reply_breaks_the_link_in_an_utterance_and_restarts_the_relay_between_turns():
    demo = lesson.read(DEMO)
    order = [type(step) for step in demo.step]
    recordings = [step.wav for step in demo.step if isinstance(step, Say | Speak)]
    assert [wav.name for wav in recordings] == ["es-short.wav", "en-short.wav", "es-medium.wav"]
    assert all(wav.is_file() for wav in recordings)
    assert (demo.step[1].when, type(demo.step[1])) == (Scene.SPEAKING, Speak)
    assert order.index(Press) < order.index(Say) < order.index(Cut)
    assert [step.when for step in demo.step if isinstance(step, Close)] == [Scene.READY]
    assert Stall not in order
