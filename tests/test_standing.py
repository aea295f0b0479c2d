"""What `systemctl status` says, note by note."""

import pytest

from agent.session.effects import Scene
from agent.standing import Standing


def after(*notes):
    standing = Standing()
    for kind, facts in notes:
        standing.note(kind, **facts)
    return standing


UP = ("link", {"up": True, "why": ""})
NAMELESS = ("link", {"up": False, "why": "name not found", "failure": "name not found"})
PLANNED = ("link", {"up": False, "why": "closed with 1012", "failure": "planned"})
STALE = ("stale", {"name": "capture", "age_s": 6.0, "moves": False})
READY = ("scene", {"name": Scene.READY.value})


def lost(which, found=False):
    return ("device", {"which": which, "found": found, "what": "somewhere"})


@pytest.mark.parametrize(
    ("notes", "sentence"),
    [
        ([], "Connecting to the relay."),
        ([READY, UP], "Ready. Link up."),
        ([("scene", {"name": "thinking"}), UP], "In a turn. Link up."),
        ([("scene", {"name": "connecting"}), NAMELESS], "Not connected to the relay: name not found (1 try)."),
        ([NAMELESS, NAMELESS, NAMELESS], "Not connected to the relay: name not found (3 tries)."),
        ([NAMELESS, NAMELESS, UP, NAMELESS], "Not connected to the relay: name not found (1 try)."),
        ([READY, UP, PLANNED], "Ready. Link up."),
        ([UP, lost("microphone"), lost("speaker"), lost("microphone")], "Link up. No speaker. No microphone."),
        ([READY, UP, lost("speaker"), lost("speaker", found=True)], "Ready. Link up."),
        ([UP, ("hours", {"open": False})], "Outside school hours. Link up."),
        ([READY, ("hours", {"open": False}), ("hours", {"open": True}), UP], "Ready. Link up."),
        ([READY, UP, STALE], "Stands still: capture. Ready. Link up."),
        ([UP, ("turn", {"turn": 1})], "Link up."),
    ],
)
def test_how_things_are_is_one_line(notes, sentence):
    assert after(*notes).sentence == sentence


def test_what_moves_again_is_not_said_to_stand_still():
    assert after(UP, STALE, ("stale", {"name": "capture", "age_s": 9.0, "moves": True})).sentence == "Link up."


def test_a_ring_that_was_told_what_to_show_is_known():
    assert not after(UP).has_scene
    assert after(READY).has_scene
