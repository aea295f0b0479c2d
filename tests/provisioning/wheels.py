"""A wheelhouse for targets, which are of this machine's kind and no Pi's: the same folders, made by pip in a layer."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.provisioning.target import CACHE, build, layered

PROJECT = Path(__file__).parents[2]

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


def wheelhouse(folder, suite, version):
    """Lay out the wheels of a release as `provisioning/wheelhouse build` does; return the folder above its version."""
    python = {"bookworm": "cp311", "trixie": "cp313"}[suite]
    wheels = folder / version / f"{suite}-{python}-x86_64"
    shutil.copytree(others(suite), wheels)
    own = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*own, "--wheel-dir", wheels, PROJECT], check=True)
    (wheels / "requirements.lock").write_text("".join(sorted(map(_line, wheels.glob("*.whl")))))
    return folder


def _line(wheel):
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
