"""
What can go wrong, and what to do about it.

* AgentError
    * BadInput              a file, setting or argument of the user: one line, exit 2
    * DeviceError           a microphone, speaker, button or ring
        * DeviceMissing     not plugged in: wait for it, say so on the ring
        * DeviceBusy        another process holds it: retry
    * LinkError             the far end
        * DialFailed        no session came about: the judge decides when to try again
        * LinkClosed        a session ended: planned or not, the judge decides
    * IllegalEvent          our bug: log with traceback, restart
"""

from __future__ import annotations


class AgentError(Exception):
    """Base of everything this project raises on purpose."""


class BadInput(AgentError, ValueError):
    """
    Something a person wrote is not usable.

    Args:
        where: The file, key or argument.
        found: What stands there.
        expected: What should stand there.

    """

    def __init__(self, where: str, found: str, expected: str) -> None:
        super().__init__(f"{where}: found {found}; expected {expected}")
        self.where, self.found, self.expected = where, found, expected


class DeviceError(AgentError):
    """A microphone, speaker, button or ring failed."""


class DeviceMissing(DeviceError):
    """It is not plugged in: wait for it, say so on the ring."""


class DeviceBusy(DeviceError):
    """Another process holds it: retry."""


class LinkError(AgentError):
    """The far end, or the way to it, failed."""


class IllegalEvent(AgentError, LookupError):
    """The session's tables do not mention this event in this state: a bug of ours."""
