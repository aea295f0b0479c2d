"""The scripted tutor beside recorded sessions of the real service."""

from __future__ import annotations

import json
import os
from itertools import groupby
from pathlib import Path

import pytest

from agent.relay.tutors import Caller, scripted
from tests.clock import jumping
from tests.relay.talking import COMMIT, CREATE, append, say, types

FOLDER = os.environ.get("READING_CORNER_RECORDINGS")
pytestmark = pytest.mark.skipif(not FOLDER, reason="READING_CORNER_RECORDINGS does not name the folder of recordings")

DELTAS = {"response.output_audio.delta", "response.output_audio_transcript.delta"}


def recorded(name):
    lines = Path(FOLDER, name).read_text().splitlines()
    return [line["event"] for line in map(json.loads, lines) if line["direction"] == "received"]


def order(events):
    """Types in order: deltas as one, for their number and mix differ; what floats (the student's words) left out."""
    kinds = ("deltas" if kind in DELTAS else kind for kind in types(events) if "transcription" not in kind)
    return [kind for kind, _ in groupby(kinds)]


def keys(event):
    """The names of all fields, but for `obfuscation`, padding against eavesdroppers that no client reads."""
    if isinstance(event, dict):
        return {key: keys(value) for key, value in event.items() if key not in ("obfuscation", "metadata")}
    return [keys(value) for value in event[:1]] if isinstance(event, list) else None


def turn(*events):
    async def lesson():
        tutor = await scripted()(Caller("es", 5))
        for event in events:
            await tutor.send(event)
        heard = []
        while not heard or heard[-1]["type"] != "response.done":
            heard.append(await tutor.receive())
        return heard

    return jumping(lesson())


def update(name):
    lines = map(json.loads, Path(FOLDER, name).read_text().splitlines())
    return next(line["event"] for line in lines if line["event"]["type"] == "session.update")


def test_a_turn_of_text_has_the_recorded_order():
    name = "openai-text-turn.jsonl"
    assert order(turn(update(name), say("hola"), CREATE)) == order(recorded(name))


def test_a_turn_of_speech_has_the_recorded_order():
    name = "openai-vad-turn.jsonl"
    ours = turn(update(name), append(), COMMIT, CREATE)
    theirs = [event for event in recorded(name) if "speech_st" not in event["type"]]
    assert order(ours) == order(theirs)
    first = next(kind for kind in types(ours) if kind in DELTAS)
    assert first == next(kind for kind in types(theirs) if kind in DELTAS), "words run ahead of the sound"


def test_events_have_the_recorded_fields():
    name = "openai-vad-turn.jsonl"
    ours = {event["type"]: keys(event) for event in turn(update(name), append(), COMMIT, CREATE)}
    theirs = {event["type"]: keys(event) for event in recorded(name)}
    shared = ours.keys() & theirs.keys()
    assert len(shared) >= 15
    assert {kind: ours[kind] for kind in shared} == {kind: theirs[kind] for kind in shared}
