"""A small model of the service at the far end: it keeps the rules and notes what it refused."""

from collections import deque
from itertools import groupby

import numpy as np

from agent.link.messages import (
    Append,
    AudioDelta,
    CancelResponse,
    Clear,
    Commit,
    Committed,
    CreateResponse,
    ResponseCreated,
    ResponseDone,
    ServerError,
    Status,
    Truncate,
)
from agent.units import FRAME_SAMPLES, Part

SHORTEST_COMMIT = 100 * 48
DELTA_MS = 300
OCCUPIED = "conversation_already_has_active_response"


class Service:
    """One session at the far end. It keeps the rules and notes what it refused."""

    def __init__(self, ids):
        self.under_way, self.said = deque(), deque()
        self.items, self.refused = [], []
        self.deaf = self.moody = False
        self._ids, self._buffer, self._sounds = ids, b"", {}
        self._running, self._is_cancelled = None, False

    def serve(self):
        """Take one event in; a cancelled response ends only behind them all."""
        if not self.under_way:
            self.end(Status.CANCELLED)
            return
        event = self.under_way.popleft()
        match event:
            case Append(pcm):
                self._buffer += pcm
            case Clear():
                self._buffer = b""
            case Commit():
                self._commit(event)
            case CreateResponse():
                self._create(event)
            case CancelResponse(response_id) if response_id == self._running:
                self._is_cancelled = True
            case CancelResponse():
                self._refuse("response_cancel_not_active", event)
            case Truncate(item_id, _, end):
                assert end <= self._sounds[item_id] * DELTA_MS - 150, "a truncate beyond what can have been cut"

    @property
    def is_busy(self):
        return bool(self.under_way) or self._is_cancelled

    def speak(self):
        if self._running:
            item = f"item of {self._running}"
            self._sounds[item] = self._sounds.get(item, 0) + 1
            self._say(AudioDelta(Part(self._running, item, 0), bytes(DELTA_MS * 48)))

    def end(self, status=Status.COMPLETED, code=""):
        if self._running:
            self._say(ResponseDone(self._running, status, code))
            self._running, self._is_cancelled = None, False

    def begin(self):
        """Begin a response, asked for or not."""
        if not self._running:
            self._running = f"resp_{next(self._ids)}"
            self._say(ResponseCreated(self._running))

    def _commit(self, event):
        if self.deaf or len(self._buffer) < SHORTEST_COMMIT:
            self._refuse("input_audio_buffer_commit_empty", event)
        else:
            self.items.append(heard_in(self._buffer))
            self._say(Committed(f"student_{next(self._ids)}"))
        self._buffer, self.deaf = b"", False

    def _create(self, event):
        if self._running:
            self._refuse(OCCUPIED, event)
        elif self.moody:
            self._refuse("server_error", event)
        else:
            self.begin()
        self.moody = False

    def _refuse(self, code, event):
        self.refused.append(code)
        self._say(ServerError(code, "", "", ""), event)

    def _say(self, event, cause=None):
        self.said.append((event, cause))


def heard_in(pcm):
    """The numbers of the frames in committed speech; each must be there in one piece."""
    runs = [(number, len(list(run))) for number, run in groupby(np.frombuffer(pcm, "<i2").tolist())]
    assert {length for _, length in runs} <= {FRAME_SAMPLES}
    return [number for number, _ in runs]
