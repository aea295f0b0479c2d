"""A wheelhouse for targets, which are of this machine's kind and no Pi's: the same folders, made by pip in a layer."""

import hashlib
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

from wheels import list_of, pack

from tests.provisioning.editions import PROJECT, wheel
from tests.provisioning.target import CACHE, build, layered

TOOLS = "gcc libasound2-dev libc6-dev libsystemd-dev pkg-config python3-dev python3-pip swig"

MAKE = f"""
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install -y --no-install-recommends {TOOLS}
# lgpio has no wheel for Python 3.13; this makes its own C sources part of the one that is built.
export PYPI=1
python3 -m pip wheel --wheel-dir /wheels "$@"
"""


def others(suite):
    """Wheels of all that the agent needs, made once for each list of requirements."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    needs = [*project["dependencies"], *project["optional-dependencies"]["pi"]]
    made = CACHE / f"wheels-{suite}-{hashlib.sha256(repr(needs).encode()).hexdigest()[:12]}"
    if made.exists():
        return made
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        here = Path(folder)
        root = here / "root"
        with layered(build(suite), here, root):
            for file in ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt"):
                shutil.copy(file, root / file.lstrip("/"))
            subprocess.run(["chroot", root, "bash", "-c", MAKE, "bash", *needs], check=True)
            shutil.copytree(root / "wheels", here / "made")
        (here / "made").rename(made)
    return made


def wheelhouse(folder, suite, version, project=PROJECT):
    """Lay out the wheels of a tree as `provisioning/wheelhouse build` does; return the folder above its version."""
    python = {"bookworm": "cp311", "trixie": "cp313"}[suite]
    lay_out(folder / version / f"{suite}-{python}-x86_64", others(suite), project)
    return folder


def lay_out(wheels, others, project):
    """Make a folder of a tree's wheel and of those that it needs, which are in a folder that may have ours, too."""
    shutil.copytree(others, wheels, ignore=shutil.ignore_patterns("reading_corner_agent-*", "requirements.lock"))
    wheel(project, wheels)
    (wheels / "requirements.lock").write_text(list_of((file.name, file.read_bytes()) for file in wheels.glob("*.whl")))
    pack(wheels, wheels.with_name(f"{wheels.name}.tar"))
