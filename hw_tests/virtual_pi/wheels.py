"""The Python packages that the agent needs on a Pi, of a Pi's lock: fetched, or compiled here for there."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hw_tests.virtual_pi.host import Trouble, run
from hw_tests.virtual_pi.places import REPOSITORY
from hw_tests.virtual_pi.recipe import PYTHON, SUITE
from provisioning.wheels import COMPILED, TARGETS, Pin, Wheel, pins, problems

PI: Final = TARGETS[SUITE]

LOCK: Final = REPOSITORY / f"provisioning/locks/{PI.name}.lock"

# No cache: what is compiled for another processor and another Python under our tags must not be found again by pip.
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def others(sysroot: Path, into: Path) -> None:
    """
    Make the folder `into` of what `provisioning/wheelhouse build` takes 20 minutes for: the wheels of the same lock.

    Each package, be it wheel or source, has a hash of the lock. What is compiled differs in who does it: the cross
    compiler here, against `sysroot`, and there the compiler of the device's Debian.

    Raises:
        Trouble: If a device could not do with these.

    """
    lock = pins(LOCK.read_text("utf-8"))
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        _fetch(_hashes([pin for pin in lock if pin.name not in COMPILED], work), into)
        _compile(_hashes([pin for pin in lock if pin.name in COMPILED], work), sysroot, work / "compiled")
        for wheel in (work / "compiled").iterdir():
            shutil.copy(wheel, into / _with_the_machines_tag(wheel.name))
    if wrong := problems(lock, (wheel.name for wheel in into.iterdir()), PI):
        raise Trouble("; ".join(wrong))


def _hashes(some: Sequence[Pin], work: Path) -> list[str]:
    """Have pip take these and nothing else."""
    part = work / "part.lock"
    part.write_text("".join(pin.text for pin in some))
    return ["--no-deps", "--require-hashes", f"--requirement={part}"]


def _with_the_machines_tag(file: str) -> str:
    """Name a wheel, which has the tag of the Python that compiled it, after that of the machine, for which it is."""
    name, version = file.split("-")[:2]
    return f"{name}-{version}-cp3{PI.python}-cp3{PI.python}-{Wheel.named(file).platform}.whl"


def _fetch(hashes: Sequence[str], into: Path) -> None:
    run([*PIP, "download", *PI.for_pip, *hashes, f"--dest={into}"])


def _compile(hashes: Sequence[str], sysroot: Path, into: Path) -> None:
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
    from_source = f"--no-binary={','.join(sorted(COMPILED))}"
    run([*PIP, "wheel", from_source, "--no-cache-dir", *hashes, f"--wheel-dir={into}"], env=env)


def own(source: Path, into: Path) -> Path:
    """Make the wheel of this project."""
    run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir", f"--wheel-dir={into}", source])
    return next(into.glob("reading_corner_agent-*.whl"))
