"""The shapes in which a record leaves the process."""

import json
from dataclasses import replace

from agent.health.record import TurnNumbers
from tests.health.well import RECORD, nothing_known


def test_a_record_is_json_with_the_turns_in_it():
    told = json.loads(json.dumps(RECORD.as_json()))
    assert told["turns"]["last"][0]["release_to_sound_ms"] == 900
    assert told["board"]["disk_read_only"] is False


def test_a_line_has_one_level_and_only_what_is_known():
    facts = replace(RECORD, board=nothing_known(), reasons=("hot", "slow")).as_facts()
    assert facts["turns_heard"] == 18
    assert facts["turns_release_to_sound_p95_ms"] == 1200
    assert facts["reasons"] == "hot; slow"
    assert not [name for name in facts if name.startswith(("board_", "turns_last"))]


def test_numbers_of_a_turn_go_through_a_note_and_come_back():
    numbers = TurnNumbers(3, "interrupted", press_to_silence_ms=6, stalls=1)
    assert None not in numbers.as_facts().values()
    assert TurnNumbers.from_facts(numbers.as_facts()) == numbers
