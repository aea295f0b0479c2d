import re
import subprocess
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
WORKSTATION = ROOT / "provisioning" / "workstation"


def workstation(*arguments, cwd):
    return subprocess.run([WORKSTATION, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def canonical(requirement):
    """The name of a requirement as an index knows it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def locked():
    """What the lock file pins: name -> the lines that follow it."""
    pins = re.split(r"^(?=[a-z0-9])", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {pin.split("==")[0]: pin for pin in pins}


@pytest.mark.parametrize("arguments", [(), ("deom",), ("demo", "now"), ("--help",)])
def test_anything_but_demo_and_test_is_answered_with_the_two_and_installs_nothing(arguments, tmp_path):
    answer = workstation(*arguments, cwd=tmp_path)
    assert answer.returncode == 2
    assert "workstation demo" in answer.stderr
    assert "workstation test" in answer.stderr
    assert answer.stdout == ""


def test_everything_the_project_asks_for_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["plot"],
        *project["dependency-groups"]["dev"],
        *project["dependency-groups"]["provisioning"],
        *project["build-system"]["requires"],
    ]
    assert {canonical(requirement) for requirement in asked} <= locked().keys()


def test_what_is_asked_for_with_an_extra_is_locked_with_it():
    # Else pip 23 takes the newest release for it, and refuses that for want of a hash: seen when there was a newer one.
    wishes = [Requirement(wish) for package in distributions() for wish in package.requires or ()]
    asked = {
        f"{canonical(wish.name)}[{','.join(sorted(wish.extras))}]"
        for wish in wishes
        if wish.extras and (wish.marker is None or wish.marker.evaluate({"extra": ""}))
    }
    assert "coverage[toml]" in asked
    assert asked <= locked().keys()


def test_every_locked_version_is_known_by_its_hash_and_no_place():
    assert all("--hash=sha256:" in pin for pin in locked().values())
    assert "://" not in (ROOT / "requirements.lock").read_text("utf-8")
