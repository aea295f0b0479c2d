import pytest
from rich.console import Console

from agent.simulator.report import LinkEvent, Outcome, percentile, report, table
from agent.simulator.timeline import Record


def speech(turn, press, release):
    """The button, and the gate a moment behind it."""
    return [
        Record(press, "button", {"down": True}),
        Record(press + 2, "gate", {"open": True, "turn": turn}),
        Record(release, "button", {"down": False}),
        Record(release + 1, "gate", {"open": False, "turn": turn}),
    ]


def fact(at, kind, turn, **facts):
    return Record(at, kind, {"turn": turn, **facts})


def told(*records):
    flat = [r for some in records for r in (some if isinstance(some, list) else [some])]
    return report(sorted(flat, key=lambda record: record.at_ms))


def outcomes(report):
    return [turn.outcome for turn in report.turns]


ANSWERED = [
    *speech(1, 0, 1000),
    fact(1012.5, "commit", 1),
    fact(1300, "delta", 1, samples=6000),
    fact(1322, "sound", 1),
]
HEARD = fact(5000, "heard", 1)


def test_each_part_of_a_turn_is_measured():
    (turn,) = told(ANSWERED, HEARD).turns
    assert (turn.release_to_commit, turn.commit_to_delta) == (12.5, 287.5)
    assert (turn.delta_to_sound, turn.release_to_sound, turn.press_to_silence) == (22, 322, None)
    assert turn.outcome is Outcome.ANSWERED


def test_a_reply_that_was_interrupted_is_an_answer_and_its_silence_counts_from_the_press():
    got = told(ANSWERED, speech(2, 3000, 4000), fact(3008, "silence", 1), fact(4010, "commit", 2))
    assert outcomes(got) == [Outcome.INTERRUPTED, Outcome.UNANSWERED]
    assert got.turns[0].press_to_silence == 8
    assert not got.passed()


def test_only_when_every_turn_was_answered_the_lesson_passes():
    assert told(ANSWERED, HEARD).passed()
    assert not told(ANSWERED, HEARD, speech(2, 6000, 7000)).passed()
    assert not told(Record(0, "link", {"up": True})).passed()


def test_speech_that_was_dropped_is_lost_even_if_something_was_heard():
    got = told(ANSWERED, HEARD, fact(1100, "dropped", 1, ms=400))
    assert outcomes(got) == [Outcome.LOST]
    assert got.turns[0].lost == 400


def test_what_the_end_of_the_lesson_cut_off_is_not_finished():
    assert outcomes(told(ANSWERED)) == [Outcome.UNFINISHED]
    assert outcomes(told(speech(1, 0, 1000)[:2])) == [Outcome.UNFINISHED]


def test_a_reply_that_the_end_made_silent_was_not_interrupted_by_the_press_before_it():
    (turn,) = told(*ANSWERED, fact(3000, "silence", 1)).turns
    assert turn.press_to_silence is None


def test_a_silence_with_nothing_to_silence_is_no_interruption():
    got = told(speech(1, 0, 1000), fact(1010, "commit", 1), fact(1500, "silence", 1))
    assert outcomes(got) == [Outcome.UNANSWERED]
    assert got.turns[0].press_to_silence is None


def test_a_tap_is_no_turn_but_a_short_turn_that_was_sent_is():
    assert told(speech(1, 0, 140)).turns == ()
    assert outcomes(told(speech(1, 0, 140), fact(150, "commit", 1))) == [Outcome.UNANSWERED]
    assert outcomes(told(speech(1, 0, 140), fact(150, "dropped", 1, ms=120))) == [Outcome.LOST]


def test_an_utterance_that_was_sent_twice_was_committed_at_once_and_answered_after_the_second():
    (turn,) = told(ANSWERED, fact(1200, "commit", 1), HEARD).turns
    assert (turn.release_to_commit, turn.commit_to_delta) == (12.5, 100)


def test_an_utterance_that_was_ended_before_the_release_has_no_release_to_commit():
    late = [Record(0, "button", {"down": True}), fact(2, "gate", 1, open=True), fact(60000, "gate", 1, open=False)]
    (turn,) = told(late, fact(60010, "commit", 1), Record(61000, "button", {"down": False})).turns
    assert turn.release_to_commit is None


def test_stalls_are_counted_and_added_up():
    (turn,) = told(ANSWERED, HEARD, fact(2000, "stall", 1, ms=40), fact(2500, "stall", 1, ms=60)).turns
    assert (turn.stalls, turn.stalled) == (2, 100)


def test_the_link_is_told_with_its_reasons():
    got = told(Record(5, "link", {"up": True}), Record(90, "link", {"up": False, "why": "1012"}))
    assert got.link == (LinkEvent(5, up=True, why=""), LinkEvent(90, up=False, why="1012"))


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (95, 4), (25, 1)])
def test_a_percentile_is_one_of_the_values(percent, value):
    assert percentile([4, 1, 3, 2], percent) == value
    assert percentile([], percent) is None


def drawn(report):
    console = Console(width=80)
    with console.capture() as capture:
        console.print(table(report))
    return capture.get()


def test_the_table_shows_turns_percentiles_budgets_and_link_on_a_terminal_of_80_columns():
    slow = [
        *speech(2, 6000, 7000),
        fact(7040, "commit", 2),
        fact(7050, "dropped", 2, ms=900),
        fact(7060, "stall", 2, ms=40),
    ]
    shown = drawn(told(ANSWERED, HEARD, slow, Record(5, "link", {"up": True, "why": "dialled"})))
    for words in ("answered", "12.5", "40.0!", "lost 900 ms", "1 (40)", "link: up at 0.01 s (dialled)"):
        assert words in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_an_empty_lesson_says_that_the_link_was_never_up():
    assert "link: never up" in drawn(told())
