"""The speaker is pulled out and put back, in the middle of a word and while nobody speaks."""

from agent.journal.lines import Line


def pulled_out_and_put_back(there):
    mark = there.journal.mark()
    there.pi.unplug()
    try:
        there.journal.until(Line.DEVICE_LOST, mark, which="speaker")
    finally:
        there.pi.replug()
    return there.journal.until(Line.DEVICE_FOUND, mark, which="speaker")


def test_a_speaker_that_was_pulled_out_between_turns_speaks_again_without_a_restart(there, measured):
    process = there.main_pid()
    measured("s without it", pulled_out_and_put_back(there)["AGENT_LASTED_S"])
    there.teaches()
    assert there.main_pid() == process


def test_a_speaker_that_was_pulled_out_in_the_middle_of_a_reply_speaks_again_without_a_restart(there, measured):
    process, mark, begin = there.main_pid(), there.journal.mark(), there.played()
    there.relay.tutor.seconds = 12.0
    there.until_sounds(there.ask(), begin)
    measured("s without it", pulled_out_and_put_back(there)["AGENT_LASTED_S"])
    measured("its turn", there.journal.until(Line.TURN, mark)["MESSAGE"])
    there.teaches()
    assert there.main_pid() == process
