"""The Python packages that the agent needs, for the machine: fetched, or compiled here for there."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from hw_tests.virtual_pi.host import run
from hw_tests.virtual_pi.recipe import PLATFORMS, PYTHON

# No cache: what is compiled for another processor and another Python under our tags must not be found again by pip.
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def fetch(pins: Sequence[str], into: Path) -> None:
    """Download wheels, NAME==VERSION each."""
    tags = [f"--platform={platform}" for platform in PLATFORMS]
    only = ["--no-deps", "--only-binary=:all:", f"--python-version={PYTHON}", "--implementation=cp"]
    run([*PIP, "download", *only, *tags, f"--dest={into}", *pins])


def compile_for(sysroot: Path, pins: Sequence[str], into: Path) -> None:
    """
    Compile source packages with the cross compiler.

    The wheels carry the tag of the Python that built them; what is in them is for the machine's.
    """
    include, lib = sysroot / "usr/include", sysroot / "usr/lib/aarch64-linux-gnu"
    # Before those of the Python that runs this, which setuptools adds.
    headers = (f"{include}/python{PYTHON}", include, f"{include}/aarch64-linux-gnu")
    env = {
        **os.environ,
        "CC": "aarch64-linux-gnu-gcc",
        "LDSHARED": "aarch64-linux-gnu-gcc -shared",
        "CFLAGS": " ".join(("-O2", "-fPIC", *(f"-I{folder}" for folder in headers))),
        "LDFLAGS": f"-L{lib}",
        "PKG_CONFIG_LIBDIR": str(lib / "pkgconfig"),
        "SETUPTOOLS_EXT_SUFFIX": f".cpython-{PYTHON.replace('.', '')}-aarch64-linux-gnu.so",
        "_PYTHON_HOST_PLATFORM": "linux-aarch64",
        "PYPI": "1",  # lgpio: compile the C library in, instead of looking for an installed one
    }
    names = ",".join(pin.split("==")[0] for pin in pins)
    only = ["--no-deps", f"--no-binary={names}", "--no-cache-dir"]
    run([*PIP, "wheel", *only, f"--wheel-dir={into}", *pins], env=env)


def own(source: Path, into: Path) -> Path:
    """Make the wheel of this project."""
    run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir", f"--wheel-dir={into}", source])
    return next(into.glob("reading_corner_agent-*.whl"))
