"""
The machine starts: without knowing what day it is, with its button held, and without a network.

The clock comes first, on a machine of its own, while the one that all others share does not run yet: two at a time are
too much for two cores.
"""

import time

from agent.journal.lines import Line
from hw_tests.virtual_pi import places
from hw_tests.virtual_pi.corner import START_S, corner
from hw_tests.virtual_pi.journal import MINUTE


def test_a_clock_that_is_years_behind_is_told_and_waited_for(built, measured):
    with corner(built, places.acceptance().with_name("acceptance-clock"), clock="2020-01-01") as there:
        began = there.pi.ssh("date --iso-8601").strip()
        measured("its first day", began)
        there.connect()
        mark = there.provision()
        there.journal.until(Line.READY, mark, START_S)
        there.journal.until(Line.CLOCK_BEHIND, mark)
        process = there.main_pid()

        mark = there.journal.mark()
        there.pi.ssh(f"date --utc --set=@{int(time.time())}")  # as timesyncd does, which has no network here
        there.journal.until(Line.LINK_UP, mark, MINUTE)
        there.journal.until(Line.CLOCK_STEPPED, mark, 3 * MINUTE)
        there.teaches()
        assert there.main_pid() == process


def test_after_a_reboot_with_the_button_held_and_no_network_the_corner_waits_for_both(there):
    mark, heard = there.journal.mark(), len(there.relay.tutor.heard)
    with there.without_relay():
        there.pi.reboot(button_down=True)
        there.read()
        there.journal.until(Line.READY, mark, START_S)
        there.journal.until(Line.BUTTON_STUCK, mark)
        there.journal.until(Line.UNREACHABLE, mark)
        there.pi.release()
        there.journal.until(Line.BUTTON_FREE, mark)
        assert len(there.relay.tutor.heard) == heard
    there.teaches(since=mark)
