"""
A scripted lesson: what the student, the link and the relay do, and when.

    tutor = "scripted"      # or "parrot", "openai"
    patience_s = 20         # how long any `when` may take

    [[step]]                # in order; each: wait for `when`, then `after_s`, then `do`
    when = "speaking"
    after_s = 2
    do = "speak"
    wav = "bundled:es-short"    # agent/speech/es-short.wav; else a path, relative to the lesson

`when` is a scene of the ring, or a fact that stays true once it is: "sound 2" (the reply of turn 2 is audible),
"answered 2" (it was, and is over: heard to its end, or interrupted), "link 2" (the link is up for the second
time); or "said" (the student is not speaking, any more).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails

from agent import toml
from agent.errors import BadInput
from agent.session.effects import Scene
from agent.simulator.timeline import Record

SPEECH: Final = Path(__file__).parent.parent / "speech"
BUNDLED: Final = "bundled:"

FACTS: Final = r"(said)|(sound|answered|link) ([1-9][0-9]*)"


@dataclass(frozen=True, slots=True)
class Fact:
    """What stays true; `number` is a turn, for "link" how often, for "said" 0."""

    name: Literal["said", "sound", "answered", "link"]
    number: int = 0

    def __str__(self) -> str:
        return self.name if self.name == "said" else f"{self.name} {self.number}"


When = Scene | Fact


def _when(found: object) -> When:
    if isinstance(found, Fact):
        return found
    fact = re.fullmatch(FACTS, str(found))
    if fact is None:
        return Scene(found)
    return Fact("said") if fact[1] else Fact(fact[2], int(fact[3]))  # type: ignore[arg-type]  # FACTS has no others


def _wav(found: object, info: ValidationInfo) -> Path:
    if isinstance(found, Path):
        return found
    if not isinstance(found, str) or not found:
        raise ValueError
    bundled = found.removeprefix(BUNDLED)
    return Path(info.context or ".", found) if bundled == found else SPEECH / f"{bundled}.wav"


# No wait of a lesson is longer than an hour: more is a typing mistake.
Duration = Annotated[float, Field(strict=True, ge=0, le=3600, description="seconds from 0 to 3600")]
Wav = Annotated[Path, PlainValidator(_wav), Field(description="a WAV file: 'bundled:es-short', or a path")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Step(_Table):
    when: Annotated[When | None, PlainValidator(_when)] = Field(
        default=None, description="a scene like 'ready', or 'said', 'sound N', 'answered N', 'link N'"
    )
    after_s: Duration = 0


class Press(_Step):
    """Button down."""

    do: Literal["press"] = "press"


class Release(_Step):
    """Button up."""

    do: Literal["release"] = "release"


class Say(_Step):
    """Begin to speak this recording, and go on to the next step."""

    do: Literal["say"] = "say"
    wav: Wav


class Speak(_Step):
    """Press, speak the whole recording, release."""

    do: Literal["speak"] = "speak"
    wav: Wav


class Cut(_Step):
    """Abort the link's connection, without a word."""

    do: Literal["cut"] = "cut"


class Stall(_Step):
    """Let nothing through the link for so long."""

    do: Literal["stall"] = "stall"
    for_s: Duration


class Close(_Step):
    """Close the link from the relay's side; 1012 is the code of a planned restart."""

    do: Literal["close"] = "close"
    code: int = Field(default=1012, strict=True, ge=1000, le=4999, description="a close code from 1000 to 4999")


class Refuse(_Step):
    """Answer whoever dials with this status, until `Accept`."""

    do: Literal["refuse"] = "refuse"
    status: int = Field(strict=True, ge=400, le=599, description="an HTTP status from 400 to 599")
    retry_after_s: Duration | None = None


class Accept(_Step):
    """Let in whoever dials."""

    do: Literal["accept"] = "accept"


class Wait(_Step):
    """Do nothing: for the last step, or to wait for two things."""

    do: Literal["wait"] = "wait"


Step = Press | Release | Say | Speak | Cut | Stall | Close | Refuse | Accept | Wait


class Lesson(_Table):
    """All of it; `step` holds the steps in order, `patience_s` is for each `when`."""

    # The agent's own waits for an offline link and for a response take 18 s together.
    patience_s: Duration = 20
    tutor: Literal["scripted", "parrot", "openai"] = Field(
        default="scripted", description="'scripted', 'parrot' or 'openai'"
    )
    step: tuple[Annotated[Step, Field(discriminator="do")], ...] = Field(
        min_length=1, description="at least one [[step]]"
    )


STEPS: Final[Mapping[str, type[_Step]]] = {
    get_args(step.model_fields["do"].annotation)[0]: step for step in get_args(Step)
}


def read(file: Path) -> Lesson:
    """
    Read a lesson.

    Raises:
        BadInput: If it is not usable: file, step, key, what was found, what is expected. Recordings are not opened.

    """
    try:
        return Lesson.model_validate(toml.read(file), context=file.parent)
    except ValidationError as error:
        # A misspelt key is also a missing one: the first says more.
        raise _problem(str(file), min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")) from None


def of_recordings(wavs: Sequence[Path]) -> Lesson:
    """A lesson with a turn for each recording, each heard to the end of its reply."""
    turns = [
        (Speak(when=Scene.READY, after_s=0.5, wav=wav), Wait(when=Fact("answered", number)))
        for number, wav in enumerate(wavs, 1)
    ]
    return Lesson(step=tuple(step for turn in turns for step in turn))


def _problem(where: str, details: ErrorDetails) -> BadInput:
    """Places are `(key,)`, `("step", number from 0)` or `("step", number from 0, do, key)`."""
    place, found = details["loc"], details["input"]
    if len(place) == 1:
        return _about(Lesson, where, str(place[0]), details)
    where += f": step {int(place[1]) + 1}"
    if len(place) == 2:
        expected = "one of " + ", ".join(STEPS)
        return BadInput(f"{where}: do", _shown(found.get("do") if isinstance(found, dict) else found), expected)
    return _about(STEPS[str(place[2])], where, str(place[3]), details)


def _about(table: type[BaseModel], where: str, key: str, details: ErrorDetails) -> BadInput:
    if details["type"] == "extra_forbidden":
        return toml.unknown(where, key, table.model_fields)
    found = "nothing" if details["type"] == "missing" else _shown(details["input"])
    return BadInput(f"{where}: {key}", found, str(table.model_fields[key].description))


def _shown(found: object) -> str:
    return "nothing" if found is None else repr(found)


class Progress:
    """What of a lesson has come true; told each record of the timeline in the order they were noted."""

    def __init__(self) -> None:
        self._scene = ""
        self._speaking = False
        self._links = 0
        self._sounded: set[object] = set()
        self._over: set[object] = set()

    def told(self, record: Record) -> None:
        """Take `scene` (name), `voice` (on: the student speaks), `link` (up), `sound`, `heard`, `silence` (turn)."""
        facts = record.facts
        match record.kind:
            case "scene":
                self._scene = str(facts["name"])
            case "voice":
                self._speaking = bool(facts["on"])
            case "link":
                self._links += bool(facts["up"])
            case "sound":
                self._sounded.add(facts["turn"])
            case "heard" | "silence":
                self._over.add(facts["turn"])

    def is_true(self, when: When) -> bool:
        """Whether it is so by now."""
        match when:
            case Scene():
                return self._scene == when.value
            case Fact("said"):
                return not self._speaking
            case Fact("link", times):
                return self._links >= times
            case Fact("sound", turn):
                return turn in self._sounded
        return when.number in self._sounded & self._over
