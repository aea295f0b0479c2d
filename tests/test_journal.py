"""The journal: a day fits on a screen, a secret never does."""

import io
import os
import sys

from agent.journal import Journal, Line, Priority, fitting, to_stream


def journal(least=Priority.INFO):
    """A journal, the lines it wrote, and a clock that is set by hand."""
    lines, clock = [], [0.0]
    return Journal(lambda message, fields: lines.append((message, fields)), lambda: clock[0], least), lines, clock


def priorities(lines):
    return [int(fields["PRIORITY"]) for _, fields in lines]


def test_a_turn_is_one_line_with_its_numbers():
    log, lines, clock = journal()
    for at, kind, facts in [
        (0.0, "gate", {"open": True, "turn": 1}),
        (2.0, "gate", {"open": False, "turn": 1}),
        (2.3, "sound", {"turn": 1}),
        (5.0, "heard", {"turn": 1}),
    ]:
        clock[0] = at
        log.note(kind, **facts)
    ((message, fields),) = lines
    assert message == "turn 1: first sound 300 ms after release, heard to the end"
    assert (fields["AGENT_FIRST_SOUND_MS"], fields["MESSAGE_ID"]) == ("300", Line.TURN.value)


def test_an_interrupted_turn_says_so():
    log, lines, _ = journal()
    log.note("gate", at=1.0, open=False, turn=4)
    log.note("sound", at=1.5, turn=4)
    log.note("silence", at=3.0, turn=4)
    assert lines[0][0] == "turn 4: first sound 500 ms after release, interrupted"


def test_the_first_failure_warns_repeats_are_for_the_patient_and_recovery_tells_how_long():
    log, lines, clock = journal(Priority.DEBUG)
    for at in (0.0, 1.0, 3.0):
        clock[0] = at
        log.note("link", up=False, why="unreachable (OSError)", verdict="retry")
    clock[0] = 10.0
    log.note("link", up=True, why="")
    assert priorities(lines) == [Priority.WARNING, Priority.DEBUG, Priority.DEBUG, Priority.INFO]
    assert lines[-1][0] == "link up after 10.0 s and 3 tries"


def test_a_failure_that_asks_for_something_else_is_told_even_while_the_link_is_down():
    log, lines, _ = journal()
    log.note("link", up=False, why="unreachable (gaierror)", verdict="retry")
    for _ in range(3):
        log.note("link", up=False, why="refused with HTTP 401", verdict="refused")
    assert [message for message, _ in lines] == [
        "link down: unreachable (gaierror)",
        "link down: refused with HTTP 401",
    ]
    assert priorities(lines) == [Priority.WARNING, Priority.WARNING]


def test_what_nobody_asked_for_is_not_written():
    log, lines, _ = journal(Priority.WARNING)
    log.note("prompt", name="later")
    log.note("scene", name="ready")
    log.note("delta", turn=1, samples=6000)
    log.note("dropped", turn=1, ms=900)
    log.note("trouble", name="no light, so no microphone")
    assert [fields["AGENT_EVENT"] for _, fields in lines] == ["dropped", "trouble"]


def test_a_device_that_is_lost_is_for_somebody_to_put_back_and_its_return_is_told():
    log, lines, _ = journal()
    log.note("device", which="speaker", found=False, what="no such card")
    log.note("device", which="speaker", found=True, what="USB Audio")
    assert priorities(lines) == [Priority.ERROR, Priority.INFO]
    assert [message for message, _ in lines] == ["speaker lost: no such card", "speaker found: USB Audio"]


def test_a_turn_that_will_not_be_answered_says_why():
    log, lines, _ = journal()
    log.note("unanswered", turn=3, why="ReplyFailed")
    assert lines[0][0] == "turn 3 was not answered: ReplyFailed"


def test_a_token_is_masked_in_message_and_fields():
    log, lines, _ = journal()
    log.note("link", up=False, why="closed after rct_0123456789abcdef_secretsecret", verdict="retry")
    assert "secret" not in repr(lines)
    assert "rct_********" in lines[0][0]


def test_every_kind_of_line_has_an_id_of_its_own_that_journald_takes():
    ids = [line.value for line in Line]
    assert len(set(ids)) == len(ids)
    assert all(len(bytes.fromhex(one)) == 16 for one in ids)


def test_without_systemd_lines_carry_their_priority():
    stream = io.StringIO()
    Journal(to_stream(stream), lambda: 0.0).note("dropped", turn=1, ms=900)
    assert stream.getvalue() == "<4>speech dropped: nobody to send it to\n"


def test_a_laptop_gets_its_journal_on_standard_error(capsys):
    fitting({}, sys.stderr)("hello", {"PRIORITY": "6"})
    assert capsys.readouterr().err == "<6>hello\n"


def test_a_variable_that_was_inherited_is_no_journal(tmp_path):
    with (tmp_path / "err").open("w+") as stream:
        fitting({"JOURNAL_STREAM": "8:12345"}, stream)("hello", {"PRIORITY": "6"})
        stream.seek(0)
        assert stream.read() == "<6>hello\n"


def test_under_systemd_the_journal_is_told_itself(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr("systemd.journal.send", lambda message, **fields: told.append((message, fields)))
    with (tmp_path / "err").open("w+") as stream:
        here = os.fstat(stream.fileno())
        fitting({"JOURNAL_STREAM": f"{here.st_dev}:{here.st_ino}"}, stream)("hello", {"PRIORITY": "6"})
    assert told == [("hello", {"PRIORITY": "6"})]
