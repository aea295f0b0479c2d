"""A session's rooms, told what the far end says, and whatever followed."""

from dataclasses import dataclass, field

from agent.link.downlink import Downlink
from agent.link.messages import AudioDelta, Commit, ResponseCreated, ResponseDone, ServerError, Status
from agent.link.turns import Turns
from agent.session.memory import Memory
from agent.units import Chunk, Part

PART = Part("resp_1", "item_1", 0)
COMMIT = Commit()
CREATED = ResponseCreated("resp_1")
DONE = ResponseDone("resp_1", Status.COMPLETED, "")
SOUND = bytes(range(8))
OCCUPIED = "conversation_already_has_active_response"


@dataclass
class Session:
    """A session's rooms, and whatever followed from what it was told."""

    turns: Turns = field(default_factory=Turns)
    memory: Memory = field(default_factory=Memory)
    audio: list = field(default_factory=list)
    facts: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    first_of_kind: list = field(default_factory=list)

    def __post_init__(self):
        self.downlink = Downlink(self.turns, self.memory)

    def told(self, *events, cause=None, at=0.0):
        for event in events:
            follows = self.downlink.arrived(event, at, cause)
            self._keep(follows)
        return follows

    def closed(self):
        self._keep(self.downlink.closed())

    def heard(self):
        """The samples for the speaker."""
        return [sample for one in self.audio if isinstance(one, Chunk) for sample in one.pcm.tolist()]

    def _keep(self, follows):
        self.audio += follows.audio
        self.facts += follows.facts
        self.answers += follows.answers
        self.first_of_kind += follows.first_of_kind


def asked_session():
    """A session whose turn 1 was committed and asked for."""
    session = Session()
    session.downlink.committing(1, COMMIT)
    session.turns.ask(1)
    return session


def delta(data=SOUND, part=PART):
    return AudioDelta(part, data)


def error(code="", kind="invalid_request_error", param=""):
    return ServerError(code, kind, param, "rc-1")
