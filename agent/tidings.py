"""What observers are told: facts of all rooms become notes, numbers of a turn are settled when its sound is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import partial

from agent.link.backoff import Failure, verdict
from agent.link.reason import kind, reason
from agent.observer import Observer
from agent.session.events import (
    ButtonStuck,
    Event,
    HoursClosed,
    HoursOpened,
    LinkUp,
    ReplyAudible,
    ReplyDrained,
    UtteranceSent,
)
from agent.units import Chunk, Seconds, Turn, milliseconds


@dataclass(frozen=True, slots=True)
class Counts:
    """What the audio threads have counted since the start: samples that were silent or made up, and xruns."""

    stalled: int = 0
    concealed: int = 0
    underruns: int = 0
    overruns: int = 0

    def since(self, before: Counts) -> Counts:
        """What came in addition."""
        return Counts(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))


class Tidings:
    """
    Tells an observer, in the order in which things happen.

    Args:
        observer: Told.
        counts: What the audio threads have counted by now; they count, this reports.
        round_trip: How long the last ping took; None while that is not known.

    """

    def __init__(
        self, observer: Observer, counts: Callable[[], Counts], round_trip: Callable[[], Seconds | None]
    ) -> None:
        self._observer, self._counts, self._round_trip = observer, counts, round_trip
        self._sounding: Turn | None = None
        self._counted = Counts()

    def event(self, event: Event) -> None:
        """Of what the session is told, tell what is worth knowing outside."""
        note = self._observer.note
        match event:
            case UtteranceSent(turn):
                note("commit", turn=turn)
            case ReplyAudible(turn):
                self._sounding = turn
                note("sound", turn=turn)
            case ReplyDrained(turn) if turn == self._sounding:  # an end that comes after a silence ends nothing
                self._sounding = None
                self._settle(turn)
                note("heard", turn=turn)
            case LinkUp():
                note("link", up=True, why="")
            case HoursOpened() | HoursClosed():
                note("hours", open=isinstance(event, HoursOpened))
            case ButtonStuck():
                note("trouble", name="the button does not come up")
            case _:
                pass

    def arrived(self, chunk: Chunk) -> None:
        """Sound of a reply came in."""
        self._observer.note("delta", at=chunk.at, turn=chunk.turn, samples=len(chunk.pcm))

    def silenced(self, at: Seconds) -> None:
        """The speaker was made silent."""
        if self._sounding is not None:
            self._settle(self._sounding)
            self._observer.note("silence", at=at, turn=self._sounding)
        self._sounding = None

    def moved(self, at: Seconds, *, down: bool) -> None:
        """The button was pressed or released."""
        self._observer.note("button", at=at, down=down)

    def device(self, which: str, what: str, *, found: bool) -> None:
        """A device was lost or found; `what` says why, or what it is."""
        self._observer.note("device", which=which, found=found, what=what)

    def unknown(self, kind: str) -> None:
        """The far end said something for the first time that we can not use."""
        self._observer.note("trouble", name=kind)

    def link_down(self, failure: Failure, delay: Seconds) -> None:
        """The link ended or did not come about; it will be dialled again after so long."""
        self._observer.note(
            "link",
            up=False,
            why=reason(failure),
            failure=kind(failure).value,
            verdict=verdict(failure).value,
            retry_ms=round(delay * 1000),
        )

    def _settle(self, turn: Turn) -> None:
        counts = self._counts()
        new, self._counted = counts.since(self._counted), counts
        if new.stalled:
            self._observer.note("stall", turn=turn, ms=milliseconds(new.stalled))
        played = partial(
            self._observer.note,
            "played",
            turn=turn,
            concealed_ms=milliseconds(new.concealed),
            underruns=new.underruns,
            overruns=new.overruns,
        )
        round_trip = self._round_trip()
        if round_trip is None:
            played()
        else:
            played(round_trip_ms=round(round_trip * 1000))
