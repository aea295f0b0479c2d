"""
Updates and ways back over real SSH, of devices that can be heard: pytest -m long tests/provisioning/test_updates.py

Needs what test_targets.py needs, and PulseAudio. The tests of a device are its story: each goes on where the one before
ended. About twelve minutes for each release of Debian.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from agent import __version__
from tests.provisioning.editions import BROKEN, GOOD, source
from tests.provisioning.sound import audible
from tests.provisioning.wheels import wheelhouse
from tests.sound.server import pause

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

WELL = ("ready", True, [])
SOON_S = 60
LISTENING_S = 12
"""Longer than a way back needs until it restarts the service, if it does not wait."""


@pytest.fixture(scope="module")
def student(bench):
    """Somebody in front of the bench's device, for which other releases are at hand."""
    for edition in (GOOD, *BROKEN.values()):
        wheelhouse(bench.folder / "wheelhouse", bench.suite, edition.version, source(bench.folder, edition))
    with audible(bench.target) as student:
        assert becomes_well(bench), standing(bench)
        yield student


def standing(bench):
    status = bench.status()
    return status["now"]["state"], status["link"]["up"], status["missing"]


def becomes_well(bench):
    for _ in range(SOON_S):
        if standing(bench) == WELL:
            return True
        pause(1)
    return False


def releases(bench):
    """The version that runs, and the one before; nothing may be on trial."""
    found = known(bench)
    assert found["on_trial"] is None
    return found["current"], found["previous"]


def known(bench):
    """What the device's program of releases says."""
    return json.loads(bench.target.run("/usr/local/sbin/reading-corner-release", "status", "--json"))


def update(bench, edition, *more):
    return bench.play("update.yml", "-e", f"reading_corner_version={edition.version}", *more)


def failures(said):
    """Devices that failed, and the line that says why; it is a text in YAML, which is folded and quoted as it likes."""
    told = re.findall(
        r"^fatal: \[(\S+)\]: FAILED! => \n(?:    (?!msg).*\n)*    msg: (.*\n(?:     .*\n)*)", said, re.MULTILINE
    )
    return [(name, " ".join(line.split()).strip("'")) for name, line in told]


def test_a_device_that_knows_no_other_release_says_so_when_it_is_to_go_back(bench, student):
    did, said = bench.play("rollback.yml")
    assert did["failed"] == 1
    assert failures(said) == [("rc-1", "There is no release before: site.yml or update.yml brings one.")]
    assert releases(bench) == (__version__, None)
    assert student.asks() > 0.5


def test_what_an_update_would_do_is_told_and_not_done(bench, student):
    would, said = update(bench, GOOD, "--check")
    assert (would["failed"], would["changed"]) == (0, 2)
    assert f"Would install {GOOD.version}." in said
    assert f"Would change from {__version__} to {GOOD.version}." in said
    assert releases(bench) == (__version__, None)


def test_a_good_update_is_kept_and_the_release_before_remembered(bench, student):
    did, said = update(bench, GOOD)
    assert (did["failed"], did["changed"] > 0) == (0, True), said[-3000:]
    assert releases(bench) == (GOOD.version, __version__)
    assert bench.status()["version"] == GOOD.version
    assert becomes_well(bench)
    assert student.asks() > 0.5


@pytest.mark.parametrize("how", [[], ["--check"]])
def test_the_same_update_again_changes_nothing(bench, student, how):
    did, said = update(bench, GOOD, *how)
    assert (did["failed"], did["changed"]) == (0, 0), re.findall(r"^changed: .*", said, re.MULTILINE)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_after_a_broken_update_the_device_is_back_by_itself_says_why_and_answers(bench, student, broken):
    did, said = update(bench, broken)
    assert did["failed"] == 1
    assert failures(said) == [("rc-1", f"{broken.version} is given up: {broken.why}; back to: {GOOD.version}")]
    assert releases(bench) == (GOOD.version, __version__)
    explained = bench.target.run("journalctl", "-x", "-u", "reading-corner.service", "--no-pager", "-o", "short")
    assert f"release {broken.version} is given up: {broken.why}" in explained
    assert f"The device went back from release {broken.version} to the one before" in explained
    assert becomes_well(bench), standing(bench)
    assert student.asks() > 0.5


def test_other_wheels_under_the_same_version_are_refused(bench, student):
    other = bench.folder / "other"
    other.mkdir()
    wheelhouse(other, bench.suite, GOOD.version, source(other, replace(GOOD, added={"agent/units.py": "\n# other\n"})))
    did, said = update(bench, GOOD, "-e", f"reading_corner_wheelhouse={other}")
    assert (did["failed"], did["changed"]) == (1, 0)
    assert failures(said) == [
        ("rc-1", f"{GOOD.version} is installed, of other wheels; expected another version for these.")
    ]


SIX = [f"rc-{number}" for number in range(1, 7)]


@pytest.mark.parametrize(
    ("wrong", "asked"), [(SIX[:1], SIX[:1]), (SIX[1:2], SIX), (SIX[1:3], SIX[:5])], ids=["1 of 1", "1 of 4", "2 of 4"]
)
def test_a_wave_with_too_many_failures_is_the_last(bench, student, wrong, asked):
    """Six names of the same device, of which the wrong ones are of a board that it is not."""
    hosts = {
        name: {"ansible_host": "127.0.0.1", "reading_corner_board": "pi4" if name in wrong else "debian"}
        for name in SIX
    }
    groups = {"reading_corners": {"hosts": SIX}, "_meta": {"hostvars": hosts}}
    six = bench.folder / "six"
    six.write_text(f"#!/bin/sh\ncat <<'X'\n{json.dumps(groups)}\nX\n")
    six.chmod(0o755)
    waves = {"reading_corner_waves": [1, 4, "100%"], "reading_corner_most_failures_percent": 30}
    did, said = update(bench, GOOD, "-i", str(six), "-e", json.dumps(waves))
    assert re.findall(r"^(rc-\d) +: ok=", said, re.MULTILINE) == asked
    assert (did["failed"], did["changed"]) == (len(wrong), 0)


def test_where_a_way_back_would_lead_is_told_and_not_gone(bench, student):
    would, said = bench.play("rollback.yml", "--check")
    assert (would["failed"], would["changed"]) == (0, 1)
    assert f"Would go back to {__version__}." in said
    assert releases(bench) == (GOOD.version, __version__)


def test_the_way_back_waits_for_the_end_of_a_turn_and_leaves_no_other_releases(bench, student):
    student.press()
    with ThreadPoolExecutor() as beside:
        back = beside.submit(bench.play, "rollback.yml")
        for _ in range(SOON_S):
            pause(1)
            if bench.target.run("bash", "-c", "pgrep --full '[r]eading-corner-release rollback' || true"):
                break
        pause(LISTENING_S)
        assert (standing(bench)[0], releases(bench)[0], back.done()) == ("listening", GOOD.version, False)
        student.release()
        did, said = back.result()
    assert (did["failed"], did["changed"]) == (0, 1), said[-3000:]
    assert releases(bench) == (__version__, GOOD.version)
    assert known(bench)["installed"] == [__version__, GOOD.version]
    assert becomes_well(bench), standing(bench)
    assert bench.status()["version"] == __version__
    assert student.asks() > 0.5
