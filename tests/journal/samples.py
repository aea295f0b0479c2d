"""What makes the agent write each kind of line: the notes, of which the last one does it."""

from agent.health.record import TurnNumbers
from agent.journal import Journal, Line, Priority
from agent.journal.editor import BOARD, LINK

HEARD = TurnNumbers(turn=7, end="heard", release_to_sound_ms=640, start_delay_ms=5, round_trip_ms=48)
DOWN = ("link", {"up": False, "why": "cut, lived 31.0 s", "failure": "lost", "verdict": "retry", "retry_ms": 400})
UP = ("link", {"up": True, "why": ""})
STUCK = ("trouble", {"name": "the button does not come up"})


def health(reasons="", score=100):
    return "health", {"score": score, "reasons": reasons, "version": "1.0", "up_s": 61.0}


def board(name, *, wrong=True):
    return "board", {"name": name, "wrong": wrong, "what": "as measured"}


def device(*, found, which="speaker"):
    return "device", {"which": which, "found": found, "what": "USB Audio"}


NOTES = {
    **{line: [("link", {**DOWN[1], "failure": kind})] for kind, line in LINK.items()},
    **{line: [board(name)] for name, line in BOARD.items()},
    Line.LINK_UP: [DOWN, UP],
    Line.BOARD_WELL: [board("disk"), board("disk", wrong=False)],
    Line.DEVICE_LOST: [device(found=False)],
    Line.DEVICE_FOUND: [device(found=False), device(found=True)],
    Line.BUTTON_STUCK: [STUCK],
    Line.BUTTON_FREE: [STUCK, ("button", {"down": False})],
    Line.NO_LIGHT: [("trouble", {"name": "no light, so no microphone"})],
    Line.ODD_EVENT: [("trouble", {"name": "unknown response.sang"})],
    Line.RELAY_ERROR: [("trouble", {"name": "error server_error"})],
    Line.STATUS_SOCKET: [("trouble", {"name": "no status socket: no such file or directory"})],
    Line.METRICS_FILE: [("trouble", {"name": "metrics_file can not be written: no such file or directory"})],
    Line.TURN: [("turn", HEARD.as_facts())],
    Line.UNANSWERED: [("unanswered", {"turn": 3, "why": "ReplyFailed"})],
    Line.DROPPED: [("dropped", {"turn": 3, "ms": 900})],
    Line.TOO_LONG: [("too_long", {"turn": 2})],
    Line.TOKEN_ROTATED: [("token", {"kept": True, "why": ""})],
    Line.TOKEN_NOT_KEPT: [("token", {"kept": False, "why": "No space left on device"})],
    Line.PROMPT: [("prompt", {"name": "later"})],
    Line.SCENE: [("scene", {"name": "ready"})],
    Line.STEP: [("commit", {"turn": 3})],
    Line.HOURS_OPENED: [("hours", {"open": True})],
    Line.HOURS_CLOSED: [("hours", {"open": False})],
    Line.STALE: [("stale", {"name": "capture", "age_s": 12.5, "moves": False})],
    Line.MOVES: [("stale", {"name": "capture", "age_s": 17.5, "moves": True})],
    Line.HEALTH: [health()],
    Line.HEALTH_CHANGED: [health("under-voltage: use another supply", 85)],
}

SAID = {
    Line.STARTED: {"version": "1.0"},
    Line.READY: {},
    Line.STOPPED: {},
    Line.DIED: {"error": "ValueError"},
    Line.BAD_SETTINGS: {},
    Line.LIBRARY: {"logger": "asyncio"},
    Line.RELEASE_INSTALLED: {"version": "1.1"},
    Line.RELEASE_ROLLED_BACK: {"version": "1.1", "why": "it does not start"},
}
"""What has no note: said by those who start the agent or change its release, or heard from libraries."""


class Paper:
    """A journal whose lines are kept, and whose clock is set by hand."""

    def __init__(self, least=Priority.DEBUG):
        self.lines, self.now = [], 0.0
        self.journal = Journal(lambda message, fields: self.lines.append((message, fields)), lambda: self.now, least)

    def note(self, *notes, every=0.0):
        for kind, facts in notes:
            self.journal.note(kind, **facts)
            self.now += every
        return self

    @property
    def messages(self):
        return [message for message, _ in self.lines]

    @property
    def priorities(self):
        return [int(fields["PRIORITY"]) for _, fields in self.lines]

    @property
    def events(self):
        return [fields["AGENT_EVENT"] for _, fields in self.lines]


def written(line):
    """The fields of a line of this kind, as the agent comes to write it."""
    paper = Paper()
    if line in SAID:
        paper.journal.say(line, line.priority, "said", **SAID[line])
    else:
        paper.note(*NOTES[line])
    return next(fields for _, fields in reversed(paper.lines) if fields["MESSAGE_ID"] == line.message_id)
