import json
from dataclasses import replace

import pytest

from agent.health.record import BoardHealth, Spread
from agent.status.reading import OtherVersion, read
from tests.status.corner import RECORD


def told(record):
    return json.dumps(record.as_json())


@pytest.mark.parametrize(
    "record",
    [
        RECORD,
        replace(
            RECORD,
            turns=replace(RECORD.turns, last=(), release_to_sound=Spread(None, None)),
            board=BoardHealth(None, None, None, None, None, None, None),
            missing=("speaker",),
        ),
    ],
)
def test_a_record_comes_out_as_it_went_in(record):
    assert read(told(record)) == record


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        told(RECORD).replace('"score"', '"points"'),
        told(RECORD).replace('"why"', '"because"'),
        told(RECORD).replace('"last"', '"latest"'),
    ],
)
def test_a_record_of_another_version_says_what_to_do(line):
    with pytest.raises(OtherVersion, match="systemctl restart reading-corner"):
        read(line)
