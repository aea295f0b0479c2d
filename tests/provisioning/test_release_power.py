"""The power goes off after each single thing that the release program does; then the device starts by itself."""

import itertools
from functools import partial

import pytest

from tests.provisioning.corner import PowerCut, Release, corner, is_whole

GOOD = Release()
NEW = {"good": GOOD, "does not start": Release(starts=False), "dies after 20 s": Release(dies_after=20.0)}

pytestmark = pytest.mark.parametrize("forgets", [False, True], ids=["disk keeps all", "disk forgets all it may"])
each_new = pytest.mark.parametrize("new", NEW.values(), ids=NEW)


def cuts(make, act):
    """A device for each moment at which the power goes off while it acts; it is off."""
    for moment in itertools.count():
        device = make()
        device.cut_after = moment
        try:
            act(device)
        except PowerCut:
            device.power_off()
            yield device
        else:
            return


def assert_settled(device, versions):
    """It runs one of these, which is whole, and no change is under way."""
    assert device.running in versions
    assert device.leads("current") == device.running
    assert device.leads("way-back") is None
    assert device.running is None or is_whole(device.base / "releases" / device.running)
    assert ("release_rolled_back", "1.0") not in device.events


@each_new
def test_a_change_ends_with_the_new_release_or_the_old_one_and_can_be_asked_for_again(new, forgets, tmp_path):
    runs = []
    for device in cuts(
        lambda: corner(tmp_path / "rc", new=new, forgets=forgets), lambda device: device("activate", "2.0")
    ):
        device.start_up()
        assert_settled(device, {"1.0", "2.0"} if new is GOOD else {"1.0"})
        runs.append(device.running)
        assert device("activate", "2.0") == (new is not GOOD)
        assert_settled(device, {"2.0"} if new is GOOD else {"1.0"})
    assert len(runs) > 10
    assert set(runs) == ({"1.0", "2.0"} if new is GOOD else {"1.0"})


@each_new
def test_the_first_release_is_there_or_not_and_can_be_asked_for_again(new, forgets, tmp_path):
    make = partial(corner, tmp_path / "rc", new=new, forgets=forgets, first=True)
    for device in cuts(make, lambda device: device("activate", "2.0")):
        device.start_up()
        assert_settled(device, {None, "2.0"} if new is GOOD else {None})
        assert device("activate", "2.0") == (new is not GOOD)


@each_new
def test_cuts_while_the_device_recovers_from_a_cut_change_nothing(new, forgets, tmp_path):
    make = partial(corner, tmp_path / "rc", new=new, forgets=forgets)
    again = 0
    for moment, _ in enumerate(cuts(make, lambda device: device("activate", "2.0"))):

        def half_changed(moment=moment):
            device = make()
            device.cut_after = moment
            with pytest.raises(PowerCut):
                device("activate", "2.0")
            device.power_off()
            device.done = 0
            return device

        for device in cuts(half_changed, lambda device: device.start_up()):
            device.start_up()
            assert_settled(device, {"1.0", "2.0"} if new is GOOD else {"1.0"})
            again += 1
    assert again > 20


@each_new
@pytest.mark.parametrize("next_command", [["recover"], ["activate", "2.0"]], ids=" ".join)
def test_a_change_that_was_killed_is_ended_by_the_next_command(next_command, new, forgets, tmp_path):
    """As after `kill -9`: the device is still on, and the service runs what it does."""
    for moment in itertools.count():
        device = corner(tmp_path / "rc", new=new, forgets=forgets)
        device.cut_after = moment
        try:
            device("activate", "2.0")
            break
        except PowerCut:
            device.cut_after = None
        assert device(*next_command) == (next_command == ["activate", "2.0"] and new is not GOOD)
        assert_settled(device, {"1.0", "2.0"} if new is GOOD else {"1.0"})


def test_a_release_counts_as_installed_only_when_all_of_it_is_on_the_disk(forgets, tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "requirements.lock").write_text("wheels and their hashes")
    make = partial(corner, tmp_path / "rc", forgets=forgets)
    tried = 0
    for device in cuts(make, lambda device: device("install", "3.0", wheels)):
        device.start_up()
        assert_settled(device, {"1.0"})
        release = device.base / "releases/3.0"
        assert is_whole(release) or not (release / "complete").exists()
        assert device("install", "3.0", wheels) == 0
        assert is_whole(release)
        tried += 1
    assert tried > 7


def test_what_is_pruned_is_gone_or_whole_and_the_rest_is_not_touched(forgets, tmp_path):
    def make():
        device = corner(tmp_path / "rc", forgets=forgets)
        assert device("activate", "2.0") == 0
        device.put("0.8", "0.9")
        device.done = 0
        return device

    tried = 0
    for device in cuts(make, lambda device: device("prune")):
        tried += 1
        device.start_up()
        assert_settled(device, {"2.0"})
        assert device("rollback") == device("prune") == 0
        assert {release.name for release in (device.base / "releases").iterdir()} == {"1.0", "2.0"}
    assert tried > 7
