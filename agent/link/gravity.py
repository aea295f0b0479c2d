"""
How bad an error code is.

Most errors are recoverable and the session stays open, so only the codes named here weigh anything.
Source: the codes and remedies collected from the Realtime type sets and from what clients reported; pipecat#3677 took
every error for the end and went silent for good.
"""

from __future__ import annotations

import enum


class Gravity(enum.Enum):
    """What an error asks for."""

    BENIGN = "benign"
    """Nothing: a race between two ends, or something that changed nothing."""
    TURN = "turn"
    """The turn fails."""
    LIMITED = "limited"
    """Over budget or rate limited: later."""
    FATAL = "fatal"
    """A person has to act."""
    SESSION = "session"
    """The session is over as planned: reconnect."""
    CONFIGURATION = "configuration"
    """The session's settings were refused as a whole; the far end keeps its own."""


_WEIGHTS = {
    "input_audio_buffer_commit_empty": Gravity.TURN,  # nothing was heard, or voice detection was faster
    "server_error": Gravity.TURN,
    "rate_limit_exceeded": Gravity.LIMITED,
    "inference_rate_limit_exceeded": Gravity.LIMITED,
    "insufficient_quota": Gravity.LIMITED,
    "billing_hard_limit_reached": Gravity.LIMITED,
    "beta_api_shape_disabled": Gravity.FATAL,
    "invalid_api_key": Gravity.FATAL,
    "account_deactivated": Gravity.FATAL,
    "session_expired": Gravity.SESSION,
}

_ABOUT_SETTINGS = frozenset({"unknown_parameter", "missing_required_parameter", "invalid_value"})
"""Benign about a turn (a truncate past the end is an `invalid_value`), but not about `session.*`."""


def gravity(code: str, param: str = "") -> Gravity:
    """The weight of an error or response code; `param` is the field the error names, if any."""
    if code in _ABOUT_SETTINGS and param.partition(".")[0] == "session":
        return Gravity.CONFIGURATION
    return _WEIGHTS.get(code, Gravity.BENIGN)
