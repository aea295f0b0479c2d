"""From one release to another: kept if it proves itself, given up if not, and never during a turn."""

import errno
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from reading_corner_release.activation import LINES
from reading_corner_release.commands import main
from reading_corner_release.trial import STABLE_S, TRIAL_S, TURN, Service, Standing, judge, what_is_worse

from agent.journal.lines import Line
from agent.session.table import RESTING, State
from tests.provisioning.corner import Release, World, corner

FILES = Path(__file__).parents[2] / "provisioning/roles/reading_corner/files"


def test_a_release_that_proves_itself_is_kept_and_the_one_before_remembered(tmp_path):
    device = corner(tmp_path / "rc")
    assert device("activate", "2.0") == 0
    assert (device.leads("current"), device.leads("previous"), device.leads("way-back")) == ("2.0", "1.0", None)
    assert device.running == "2.0"
    assert device.now >= STABLE_S
    assert device.events == [("release_installed", "2.0")]


BROKEN = {
    "does not start": Release(starts=False),
    "dies at once": Release(dies_after=0.0),
    "dies after 20 s": Release(dies_after=20.0),
    "cannot open the microphone": Release(missing=("microphone",)),
    "does not reach the relay": Release(dials=False),
    "does not tell how it is": Release(tells=False),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_release_that_does_not_is_changed_back_and_the_journal_says_why(broken, tmp_path, capsys):
    device = corner(tmp_path / "rc", new=broken)
    assert device("activate", "2.0") == 1
    assert (device.leads("current"), device.leads("previous"), device.leads("way-back")) == ("1.0", None, None)
    assert (device.state, device.running) == ("active", "1.0")
    assert device.events == [("release_rolled_back", "2.0")]
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_did_not_work_before_is_not_held_against_a_release(tmp_path):
    world = World(relay_is_up=False, unplugged=("speaker",))
    assert corner(tmp_path / "rc", world=world)("activate", "2.0") == 0


def test_a_relay_that_is_away_for_a_while_is_waited_for(tmp_path):
    class Restarting(World):
        relay_is_up = property(lambda self: not 10.0 < device.now < 100.0, lambda self, up: None)

    device = corner(tmp_path / "rc")
    device.world = Restarting()
    assert device("activate", "2.0") == 0
    assert 100.0 <= device.now < TRIAL_S


@pytest.mark.parametrize("full_at", ["way-back.new", "current.new"])
def test_a_full_disk_leaves_what_ran(full_at, tmp_path, capsys):
    device = corner(tmp_path / "rc")
    symlink = device.symlink

    def refused(target, path):
        if path.name == full_at and target == {"way-back.new": "releases/1.0", "current.new": "releases/2.0"}[full_at]:
            raise OSError(errno.ENOSPC, "No space left on device")
        symlink(target, path)

    device.symlink = refused
    assert device("activate", "2.0") == 1
    assert (device.leads("current"), device.leads("way-back"), device.running) == ("1.0", None, "1.0")
    assert "No space left" in capsys.readouterr().err


def test_a_broken_release_can_be_replaced_by_anything_that_runs(tmp_path):
    device = corner(tmp_path / "rc", new=Release(missing=("microphone",)))
    device.releases["1.0"] = Release(starts=False)
    device.start_up()
    assert device("activate", "2.0") == 0


def test_the_first_release_is_kept_or_there_is_none(tmp_path):
    device = corner(tmp_path / "rc", first=True)
    assert device("activate", "2.0") == 0
    assert (device.leads("current"), device.leads("previous"), device.leads("way-back")) == ("2.0", None, None)
    device = corner(tmp_path / "rc", new=Release(starts=False), first=True)
    assert device("activate", "2.0") == 1
    assert (device.leads("current"), device.leads("way-back"), device.state) == (None, None, "inactive")


def test_the_end_of_a_turn_is_waited_for(tmp_path):
    device = corner(tmp_path / "rc", world=World(turn_until=90.0))
    assert device("activate", "2.0") == 0
    assert device.now >= 90.0 + STABLE_S


def test_a_student_who_does_not_end_is_left_alone(tmp_path, capsys):
    device = corner(tmp_path / "rc", world=World(turn_until=10_000.0))
    assert device("activate", "2.0", "--patience", 300) == 3
    assert 300.0 <= device.now < 310.0
    assert (device.leads("current"), device.leads("way-back"), device.restarts_asked) == ("1.0", None, 0)
    assert capsys.readouterr().err.count("\n") == 1


def test_an_agent_that_does_not_answer_serves_nobody_so_is_not_waited_for(tmp_path):
    device = corner(tmp_path / "rc", world=World(turn_until=10_000.0))
    device.releases["1.0"] = Release(tells=False)
    assert device("activate", "2.0") == 0


def test_what_is_active_already_is_left_alone(tmp_path, capsys):
    device = corner(tmp_path / "rc")
    assert device("activate", "1.0") == 0
    assert device.restarts_asked == 0
    assert "already" in capsys.readouterr().out


def test_rollback_is_a_change_to_the_previous_release_and_can_be_taken_back(tmp_path):
    device = corner(tmp_path / "rc")
    assert device("rollback") == 2
    assert device("activate", "2.0") == device("rollback") == 0
    assert (device.running, device.leads("previous")) == ("1.0", "2.0")
    assert device("rollback") == 0
    assert (device.running, device.leads("previous")) == ("2.0", "1.0")


def test_prune_keeps_current_and_previous(tmp_path):
    device = corner(tmp_path / "rc")
    device.put("0.8", "0.9")
    (device.base / "previous").symlink_to("releases/0.9")
    assert device("prune") == 0
    assert {release.name for release in (device.base / "releases").iterdir()} == {"0.9", "1.0"}


def test_a_release_that_is_kept_leaves_no_others_but_the_one_before_on_the_card(tmp_path):
    device = corner(tmp_path / "rc")
    device.put("0.8", "0.9")
    assert device("activate", "2.0") == 0
    assert {release.name for release in (device.base / "releases").iterdir()} == {"1.0", "2.0"}


def test_a_release_that_is_given_up_can_be_looked_at(tmp_path):
    device = corner(tmp_path / "rc", new=Release(starts=False))
    assert device("activate", "2.0") == 1
    assert {release.name for release in (device.base / "releases").iterdir()} == {"1.0", "2.0"}


def test_status_shows_links_and_releases_and_changes_nothing(tmp_path, capsys):
    device = corner(tmp_path / "rc")
    (device.base / "way-back").symlink_to("releases/1.0")
    assert device("status", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "current": "1.0",
        "previous": None,
        "on_trial": "1.0",
        "way_back": "1.0",
        "installed": ["1.0", "2.0"],
    }
    assert device.done == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("activate", "3.0"),
        ("activate", "../1.0"),
        ("activate", "nothing"),
        ("install", "3.0", "/no/wheels"),
        ("rollback",),
    ],
)
def test_what_is_of_no_use_is_one_line_and_changes_nothing(arguments, tmp_path, capsys):
    device = corner(tmp_path / "rc")
    assert device(*arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (device.leads("current"), device.running, device.restarts_asked) == ("1.0", "1.0", 0)


@pytest.mark.parametrize("arguments", [(), ("swap",), ("activate",), ("activate", "2.0", "--patience", "long")])
def test_a_wrong_use_is_one_line_and_exit_status_2(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments, corner(tmp_path / "rc"))
    assert exit_.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_only_one_change_at_a_time(tmp_path):
    device = corner(tmp_path / "rc")
    device.sleep = lambda seconds: (
        statuses.append(corner_of_another_shell("prune")),
        type(device).sleep(device, seconds),
    )
    corner_of_another_shell = type(device)(device.base, device.releases)
    statuses = []
    assert device("activate", "2.0") == 0
    assert set(statuses) == {3}


WELL = Standing("ready", link_up=True, missing=frozenset())
NO_LINK = Standing("offline", link_up=False, missing=frozenset())
DEAF = Standing("no device", link_up=True, missing=frozenset({"microphone"}))
MUTE = Standing("no device", link_up=True, missing=frozenset({"speaker"}))
WRECK = Standing("no device", link_up=False, missing=frozenset({"microphone", "speaker"}))


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (WELL, WELL, ""),
        (WELL, NO_LINK, "relay"),
        (WELL, DEAF, "microphone"),
        (WELL, WRECK, "microphone, speaker"),
        (WELL, None, "tell"),
        (NO_LINK, NO_LINK, ""),
        (NO_LINK, WELL, ""),
        (NO_LINK, DEAF, "microphone"),
        (DEAF, DEAF, ""),
        (DEAF, MUTE, "speaker"),
        (WRECK, WRECK, ""),
        (None, WRECK, ""),
        (None, None, ""),
    ],
)
def test_as_good_as_before_means_that_what_worked_still_works(before, after, worse):
    said = what_is_worse(before, after)
    assert worse in said
    assert bool(worse) == bool(said)


UP = Service("active", "a1", "0")


@pytest.mark.parametrize(
    ("elapsed", "now", "worse", "verdict"),
    [
        (5.0, UP, "", None),
        (STABLE_S, UP, "", ""),
        (STABLE_S, UP, "deaf", None),
        (TRIAL_S, UP, "deaf", "deaf"),
        (5.0, Service("active", "b2", "0"), "", "it did not keep running"),
        (5.0, Service("active", "a1", "1"), "", "it did not keep running"),
        (5.0, Service("deactivating", "a1", "0"), "", "it did not keep running"),
    ],
)
def test_a_trial_takes_a_minute_of_steady_running_and_three_for_all_to_be_well_again(elapsed, now, worse, verdict):
    assert judge(elapsed, UP, now, worse) == verdict


def test_a_service_that_was_down_from_the_first_look_does_not_pass_for_steady():
    down = Service("failed", "a1", "0")
    assert judge(STABLE_S, down, down, "")


def test_a_turn_is_what_the_agent_calls_one():
    no_turn = {state.value for state in RESTING} | {State.BUTTON_FAULT.value, State.STOPPING.value}
    assert {state.value for state in State} - no_turn == TURN


@pytest.mark.parametrize(
    "said", ["", "no JSON", "[]", "{}", '{"now": {"state": "ready"}, "link": null, "missing": []}']
)
def test_an_answer_of_another_kind_is_none(said):
    assert Standing.read(said) is None


def test_its_lines_are_those_of_the_catalogue():
    ours = {event: message_id for event, (message_id, _, _) in LINES.items()}
    assert ours == {line.name.lower(): line.message_id for line in Line if line.name.startswith("RELEASE_")}


def test_the_program_runs_where_its_header_says_with_no_package_but_its_own(tmp_path):
    program = (FILES / "reading-corner-release").read_text("utf-8")
    home = re.search(r'sys.path.insert\(0, "(.*)"\)', program)[1]
    assert f"Goes to {home}" in (FILES / "reading_corner_release/__init__.py").read_text("utf-8")
    copy = tmp_path / "reading-corner-release"
    copy.write_text(program.replace(home, str(FILES)))
    command = [sys.executable, "-I", "-S", "-B", copy, "status", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == {"current", "previous", "on_trial", "way_back", "installed"}
