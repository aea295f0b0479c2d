"""
The journal: one line for what a maintainer must know, with numbers as fields and never what was said.

    note -> editor (is it worth a line) -> budget (is there room) -> fields (known names, no secrets) -> journald

Under systemd, journald gets native fields; elsewhere the same lines go to stderr with syslog priority prefixes,
which journald understands too. The time is the reader's business.
"""

from agent.journal.journal import Journal
from agent.journal.libraries import broken, listen_to_libraries
from agent.journal.lines import Line, Priority
from agent.journal.sending import fitting, to_stream, to_systemd

__all__ = ["Journal", "Line", "Priority", "broken", "fitting", "listen_to_libraries", "to_stream", "to_systemd"]
