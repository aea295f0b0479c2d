"""
From a blank Debian to a corner that teaches, by one playbook; and on through updates: pytest -m provisioning, as root.

One machine for the whole story, whose tests follow each other in this file.
"""

import re

import pytest

from agent import __version__
from agent.journal.lines import Line
from hw_tests.virtual_pi import places
from hw_tests.virtual_pi.bench import lay_out_edition, on_the_bench
from hw_tests.virtual_pi.build import build_blank
from tests.provisioning.editions import BROKEN, GOOD

pytestmark = pytest.mark.provisioning


class Story:
    """The machine, IT's bench, and the wheels of others for further releases."""

    def __init__(self, corner, bench, wheels):
        self.corner, self.bench, self.wheels = corner, bench, wheels

    def play(self, *arguments):
        """A playbook's recap and all that it said."""
        return self.bench.play(*arguments)

    def update(self, edition):
        """Bring a release that is made on purpose; return as `play` does, and the journal's mark from before."""
        lay_out_edition(self.bench.folder, self.wheels, edition)
        mark = self.corner.journal.mark()
        return mark, *self.play("update.yml", "-e", f"reading_corner_version={edition.version}")

    def links(self):
        """Which releases are current and previous."""
        said = self.corner.pi.ssh("cd /opt/reading-corner; readlink current previous || true")
        return [line.removeprefix("releases/") for line in said.split()]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    blank = build_blank(print)
    folder = tmp_path_factory.mktemp("bench")
    with on_the_bench(blank, places.provisioned(), folder) as (corner, bench):
        trace = "ls -d /etc/reading-corner /opt/reading-corner /var/lib/reading-corner || getent passwd reading-corner"
        assert corner.pi.ssh(f"({trace}) 2>/dev/null || true") == ""
        did, said = bench.play("site.yml")
        assert did["failed"] == 0, said[-5000:]
        corner.read()
        yield Story(corner, bench, blank.wheels)


def test_one_run_makes_a_corner_that_teaches(story):
    assert story.links() == [__version__]
    story.corner.teaches(since=0)
    (token,) = story.bench.tokens()
    assert token["valid"]


def test_another_run_changes_nothing(story):
    did, said = story.play("site.yml")
    assert (did["failed"], did["changed"]) == (0, 0), re.findall(r"^changed: .*", said, re.MULTILINE)


def test_the_table_says_that_it_can_teach(story):
    did, said = story.play("check.yml")
    assert did["failed"] == 0
    assert re.search(r"30155 +rc-1 +yes", said)


@pytest.mark.parametrize("edition", BROKEN.values(), ids=BROKEN)
def test_a_release_that_is_broken_is_given_up_by_the_device_itself(story, edition):
    before = story.links()
    mark, did, said = story.update(edition)
    assert did["failed"] == 1
    assert f"{edition.version} is given up: {edition.why}; back to: {before[0]}" in said
    told = story.corner.journal.until(Line.RELEASE_ROLLED_BACK, mark)
    assert (told["AGENT_VERSION"], told["AGENT_WHY"]) == (edition.version, edition.why)
    assert story.links() == before
    story.corner.teaches(since=story.corner.journal.entries.index(told))


def test_a_good_release_teaches_and_so_does_the_one_before_after_a_rollback(story):
    mark, did, said = story.update(GOOD)
    assert did["failed"] == 0, said[-5000:]
    assert story.links() == [GOOD.version, __version__]
    story.corner.teaches(since=mark)

    mark = story.corner.journal.mark()
    did, said = story.play("rollback.yml")
    assert did["failed"] == 0, said[-5000:]
    assert story.links() == [__version__, GOOD.version]
    story.corner.teaches(since=mark)


FIRMWARE = "dtparam=audio=on\n\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n"
"""The end of `/boot/firmware/config.txt` as Raspberry Pi OS has it: what is added must not be for a cm5 alone."""


@pytest.fixture
def called_a_pi(story):
    """A machine that says it is a Pi 4, as long as it does not start again, and has its firmware's settings."""

    def say():
        said = "mount --bind /run/model /sys/firmware/devicetree/base/model"
        story.corner.pi.ssh(f"printf 'Raspberry Pi 4 Model B Rev 1.5\\0' >/run/model && {said}")

    story.corner.pi.ssh("mkdir -p /boot/firmware && cat >/boot/firmware/config.txt", FIRMWARE)
    return say


def test_the_clock_of_the_lights_and_the_watchdog_are_set_and_count_after_the_reboot_that_they_ask_for(
    story, called_a_pi
):
    asked = ["--tags", "boot,watchdog", "-e", "reading_corner_board=pi4", "-e", "reading_corner_ring=ws2812_spi"]
    boot = story.corner.pi.ssh("cat /proc/sys/kernel/random/boot_id")
    mark = story.corner.journal.mark()
    with story.corner.without_relay():  # its way there ends with the machine
        called_a_pi()
        did, said = story.play("site.yml", *asked)
        assert did["failed"] == 0, said[-5000:]
        story.corner.pi.until_up(other_than=boot.strip())
        story.corner.read()
    settings = story.corner.pi.ssh("cat /boot/firmware/config.txt")
    assert settings.startswith(FIRMWARE)
    assert settings.splitlines()[-5:-1] == ["[all]", "dtparam=spi=on", "core_freq=500", "core_freq_min=500"]
    assert re.search(r"Monotonic=[1-9]", story.corner.pi.ssh("systemctl show -p WatchdogLastPingTimestampMonotonic"))

    called_a_pi()
    did, said = story.play("site.yml", *asked)
    assert (did["failed"], did["changed"]) == (0, 0), re.findall(r"^changed: .*", said, re.MULTILINE)
    story.corner.teaches(since=mark)
