from dataclasses import replace

import pytest

from agent.relay.registry import Grant
from agent.relay.rotations import Rotation, State
from agent.relay.token_list import as_json, lines

NEW = Grant("0a1b", "corner-7", "2026-11-20 08:00:00", "", "", "", "", "", is_valid=True)
USED = replace(NEW, used="2026-11-20 08:05:00")
LATER = "2026-11-21 08:00:00"


@pytest.mark.parametrize(
    ("grant", "told"),
    [
        (NEW, "not used yet, valid"),
        (USED, "valid"),
        (replace(USED, ends=LATER), f"valid until {LATER}"),
        (replace(USED, ends=LATER, is_valid=False), f"ended {LATER}"),
        (replace(USED, ends=LATER, revoked=LATER, is_valid=False), f"revoked {LATER}"),
        (replace(USED, doubled=LATER), f"in two places at once {LATER}, valid"),
    ],
)
def test_each_token_says_last_how_it_stands(grant, told):
    assert list(lines([grant], {})) == [f"0a1b corner-7 2026-11-20 08:00:00 {told}"]


def test_a_rotation_is_told_with_the_valid_tokens_of_its_device():
    ended, other = replace(USED, ends=LATER, is_valid=False), replace(USED, device_id="corner-8")
    told = list(lines([ended, USED, other], {"corner-7": Rotation(State.OFFERED, LATER)}))
    assert [f"rotation offered {LATER}" in line for line in told] == [False, True, False]


def test_programs_get_a_structure_for_each_device():
    token = {"id": "0a1b", "valid": True, "issued": NEW.issued, "offered": None, "used": None, "ends": None}
    token |= {"revoked": None, "doubled": None}
    told = as_json([NEW, USED, replace(NEW, device_id="corner-8")], {"corner-7": Rotation(State.KEPT, LATER)})
    assert told == [
        {
            "device": "corner-7",
            "rotation": {"state": "kept", "since": LATER},
            "tokens": [token, {**token, "used": USED.used}],
        },
        {"device": "corner-8", "rotation": None, "tokens": [token]},
    ]
