"""What a wheelhouse must hold: decided from names, locks and a look into a wheel. Building one is a command."""

import hashlib
import os
import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
from wheels import TARGETS, Wheel, is_hollow, list_of, pack, pins, problems, sums

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "provisioning" / "locks"
TRIXIE, BOOKWORM = TARGETS["trixie"], TARGETS["bookworm"]

LOCK = """\
# a comment
lgpio==0.2.2.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
numpy==2.5.5 ; python_version > '3' \\
    --hash=sha256:cc
systemd-python==235 --hash=sha256:dd
"""

GOOD = [
    "lgpio-0.2.2.0-cp313-cp313-linux_aarch64.whl",
    "numpy-2.5.5-cp313-cp313-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl",
    "systemd_python-235-cp313-cp313-linux_aarch64.whl",
]


def test_a_lock_is_names_versions_and_the_text_with_all_hashes():
    taken = pins(LOCK)
    assert [(pin.name, pin.version) for pin in taken] == [
        ("lgpio", "0.2.2.0"),
        ("numpy", "2.5.5"),
        ("systemd-python", "235"),
    ]
    assert "# a comment\n" + "".join(pin.text for pin in taken) == LOCK


@pytest.mark.parametrize(
    ("file", "fits"),
    [
        ("rich-15.0.0-py3-none-any.whl", "trixie bookworm"),
        ("tzdata-2026.6-py2.py3-none-any.whl", "trixie bookworm"),
        ("old-1.0-py2-none-any.whl", ""),
        ("spidev-3.8-cp313-cp313-linux_aarch64.whl", "trixie"),
        ("spidev-3.8-cp313-cp313t-manylinux2014_x86_64.whl", ""),
        ("numpy-2.4.6-cp311-cp311-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl", "bookworm"),
        ("lgpio-0.2.2.0-cp311-cp311-manylinux_2_34_aarch64.whl", "bookworm"),
        ("lgpio-0.2.2.0-1-cp311-cp311-manylinux_2_34_aarch64.whl", "bookworm"),
        ("soxr-1.1.0-cp312-abi3-manylinux_2_26_aarch64.whl", "trixie"),
        ("thing-1.0-cp39-abi3-manylinux2014_aarch64.whl", "trixie bookworm"),
        ("thing-1.0-cp39-abi3-manylinux_2_39_aarch64.whl", "trixie"),
        ("tool-1.0-py3-none-manylinux_2_17_aarch64.whl", "trixie bookworm"),
        ("tool-1.0-py3-none-manylinux_2_17_armv7l.whl", ""),
    ],
)
def test_a_wheel_fits_by_its_name(file, fits):
    assert [name for name in ("trixie", "bookworm") if Wheel.named(file).fits(TARGETS[name])] == fits.split()


def test_a_whole_folder_has_no_problem():
    assert problems(pins(LOCK), GOOD, TRIXIE) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (GOOD[1:], "lgpio 0.2.2.0: no wheel"),
        ([*GOOD[1:], "lgpio-0.0.0.2-py3-none-any.whl"], "lgpio 0.2.2.0: no wheel"),
        ([*GOOD[:2], "systemd_python-235-cp311-cp311-linux_aarch64.whl"], "systemd-python 235: no wheel"),
        ([*GOOD, "spidev-3.8-cp313-cp313-linux_x86_64.whl"], "spidev 3.8: for other systems"),
    ],
)
def test_what_is_lacking_or_of_no_use_is_named(files, said):
    assert said in problems(pins(LOCK), files, TRIXIE)


@pytest.mark.parametrize(("source", "hollow"), [("", True), ("def gpiochip_open(gpiochip):\n    ...\n", False)])
def test_the_empty_lgpio_is_known_by_what_it_has_not(source, hollow, tmp_path):
    with zipfile.ZipFile(tmp_path / "lgpio.whl", "w") as wheel:
        wheel.writestr("lgpio.py", source)
        wheel.writestr("lgpio-0.dist-info/METADATA", "Description: it has no def gpiochip_open")
    assert is_hollow(tmp_path / "lgpio.whl") is hollow


def test_the_list_pins_each_file_by_its_hash_in_one_order():
    contents = {file: file.encode() for file in GOOD}
    listed = list_of(reversed(contents.items()))
    assert listed == list_of(contents.items())
    for (file, content), pin in zip(contents.items(), pins(listed), strict=True):
        assert (pin.name, pin.version) == (Wheel.named(file).name, Wheel.named(file).version)
        assert f"--hash=sha256:{hashlib.sha256(content).hexdigest()}\n" in pin.text


@pytest.fixture
def folder(tmp_path):
    """Make a folder of wheels, by their names, in this order, and as old as told."""

    def made(name, files, age):
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_bytes(file.encode())
            os.utime(tmp_path / name / file, (age, age))
        return tmp_path / name

    return made


def test_the_same_wheels_are_the_same_archive_whoever_made_them_and_when(folder, tmp_path):
    one, other = folder("one", GOOD, age=2_000_000_000), folder("other", reversed(GOOD), age=1)
    (other / GOOD[0]).chmod(0o600)
    pack(one, tmp_path / "one.tar")
    pack(other, tmp_path / "other.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "other.tar").read_bytes()


def test_an_archive_unpacks_without_a_word_to_files_that_belong_to_root(folder, tmp_path):
    pack(folder("wheels", GOOD, age=0), tmp_path / "wheels.tar")
    (tmp_path / "there").mkdir()
    unpack = ["tar", "--extract", "--verbose", "--verbose", "--numeric-owner", "--file", "../wheels.tar"]
    told = subprocess.run(unpack, cwd=tmp_path / "there", capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert [line.split()[:2] for line in told.stdout.splitlines()] == len(GOOD) * [["-rw-r--r--", "0/0"]]
    assert {file.name: file.read_text() for file in (tmp_path / "there").iterdir()} == {file: file for file in GOOD}


def test_the_sums_of_archives_are_those_that_sha256sum_checks(folder, tmp_path):
    for name in ("b", "a"):
        pack(folder(name, [f"{name}-1-py3-none-any.whl"], age=0), tmp_path / f"{name}.tar")
    (tmp_path / "SHA256SUMS").write_text(sums(tmp_path.glob("*.tar")))
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    told = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout.splitlines()) == (0, ["a.tar: OK", "b.tar: OK"])
    (tmp_path / "a.tar").write_bytes(b"")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def versions(path):
    found = {}
    for pin in pins(path.read_text("utf-8")):
        found.setdefault(pin.name, set()).add(pin.version)
    return found


@pytest.mark.parametrize("lock", ["trixie", "bookworm", "build"])
def test_devices_get_the_versions_that_the_tests_ran_with(lock):
    tested = versions(ROOT / "requirements.lock")
    ours = versions(LOCKS / f"{lock}.lock")
    assert {name: found for name, found in ours.items() if not found <= tested.get(name, found)} == {}
    assert ours.keys() - tested.keys() <= {"lgpio", "spidev"}, "only a Pi needs these"
    assert all(pin.text.count("--hash=sha256:") for pin in pins((LOCKS / f"{lock}.lock").read_text("utf-8")))


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_all_that_the_project_asks_for_on_a_device_is_locked(target):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["pi"]]
    names = {re.match(r"[\w-]+", requirement)[0].lower() for requirement in asked}
    assert names <= versions(LOCKS / f"{target.name}.lock").keys()


@pytest.mark.parametrize("arguments", [("build", "--os", "buster"), ("make",), ()])
def test_a_wrong_use_is_told_and_builds_nothing(arguments, tmp_path):
    program = ROOT / "provisioning" / "wheelhouse"
    done = subprocess.run([program, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert "usage: provisioning/wheelhouse" in done.stderr
    assert [*tmp_path.iterdir()] == []
