"""The machine's disk: Debian, the agent as it is in the working tree, and the settings of a corner."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from hw_tests.virtual_pi import guest
from hw_tests.virtual_pi.bytecode import compile_tree
from hw_tests.virtual_pi.host import run
from hw_tests.virtual_pi.recipe import PYTHON

SIZE: Final = "2G"
"""Three quarters of it are free; a test that fills it should not take long."""

ENVIRONMENT: Final = f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {PYTHON}\n"

SCRIPT: Final = "#!{python}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"


def make_disk(base: Path, wheels: Path, own: Path, systemd: Path, image: Path) -> None:
    """Make the file system `image` out of what `base` and `wheels` hold, our own wheel and the files of `systemd`."""
    tree = image.with_suffix(".tree")
    shutil.rmtree(tree, ignore_errors=True)
    run(["cp", "--archive", "--link", base / "root", tree])
    put_files(tree, guest.FILES, guest.WANTED)
    _put_shipped(tree, systemd)
    for program in guest.SETTLED_BY:
        run(["chroot", tree, *program])
    release = _put_release(tree, [*sorted(wheels.glob("*.whl")), own], own.name.split("-")[1])
    compile_tree(base / "compiler", tree, release)
    part = image.with_suffix(".part")
    run(["mkfs.ext4", "-q", "-F", "-L", "root", "-d", tree, part, SIZE])
    part.rename(image)
    shutil.rmtree(tree)


def put_files(tree: Path, files: Mapping[str, str], wanted: Iterable[str]) -> None:
    """Lay files there, by their names, and have units started with the system."""
    for name, text in files.items():
        _fresh(tree / name).write_text(text)
    for unit in wanted:
        link = _fresh(tree / guest.UNITS / "multi-user.target.wants" / unit)
        shipped = unit.startswith("reading-corner")
        link.symlink_to(f"/{guest.UNITS}/{unit}" if shipped else f"/usr/lib/systemd/system/{unit}")


def _put_shipped(tree: Path, systemd: Path) -> None:
    for name, place in guest.SHIPPED.items():
        source, target = systemd / name, _fresh(tree / place)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, target)


def _fresh(path: Path) -> Path:
    """Take away what is there, because it is the same file as in the cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
    return path


def _put_release(tree: Path, wheels: list[Path], version: str) -> str:
    """Lay out what `python -m venv` and `pip install` would, without running either under emulation."""
    release = f"opt/reading-corner/releases/{version}"
    environment = tree / release / "venv"
    packages = environment / f"lib/python{PYTHON}/site-packages"
    packages.mkdir(parents=True)
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages)
    (environment / "pyvenv.cfg").write_text(ENVIRONMENT)
    (environment / "bin").mkdir()
    (environment / "bin/python").symlink_to(f"/usr/bin/python{PYTHON}")
    for line in next(packages.glob("reading_corner_agent-*.dist-info/entry_points.txt")).read_text().splitlines():
        if "=" in line:
            name, _, call = line.partition("=")
            _put_script(environment / "bin" / name.strip(), f"/{release}/venv/bin/python", call.strip())
    (tree / "opt/reading-corner/current").symlink_to(f"releases/{version}")
    return release


def _put_script(path: Path, python: str, call: str) -> None:
    module, function = call.split(":")
    path.write_text(SCRIPT.format(python=python, module=module, function=function))
    path.chmod(0o755)
