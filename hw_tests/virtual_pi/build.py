"""From packages to a disk, in layers: what did not change is not made again."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hw_tests.virtual_pi import recipe, wheels
from hw_tests.virtual_pi.base import make_base
from hw_tests.virtual_pi.blank import make_blank
from hw_tests.virtual_pi.disk import make_disk
from hw_tests.virtual_pi.host import Trouble, lacking
from hw_tests.virtual_pi.places import REPOSITORY, cache

Say = Callable[[str], None]

HERE = Path(__file__).parent
BASE_MADE_BY = ("recipe.py", "base.py", "initrd.py", "archive.py", "bytecode.py")
DISK_MADE_BY = ("disk.py", "guest.py")
BLANK_MADE_BY = ("blank.py", "disk.py", "guest.py")


@dataclass(frozen=True, slots=True)
class Built:
    """What a machine is started from."""

    disk: Path
    kernel: Path
    initrd: Path


@dataclass(frozen=True, slots=True)
class Blank:
    """What a machine to provision is started from, what it fetches packages from, and the wheels that it lacks."""

    built: Built
    mirror: Path
    wheels: Path


def build(say: Say) -> Built:
    """
    Make what is not in the cache: Debian, then the wheels of others, then the disk with the agent of the working tree.

    A layer is made anew when its recipe changes, not when Debian does: remove the cache to follow Debian.

    Raises:
        Trouble: If a package of this machine is missing, or a program fails.

    """
    if missing := lacking():
        raise Trouble(f"missing here: run  apt-get install --no-install-recommends {' '.join(missing)}")
    with _alone():
        base, others = _layers(say)
        return Built(_disk(base, others, say), base / "kernel", base / "initrd")


def build_blank(say: Say) -> Blank:
    """
    Make what is not in the cache of a machine to provision: a disk without the agent, and what is brought to it.

    Raises:
        Trouble: As `build`.

    """
    if missing := lacking():
        raise Trouble(f"missing here: run  apt-get install --no-install-recommends {' '.join(missing)}")
    with _alone():
        base, others = _layers(say)
        key = recipe.key(base.name.encode(), *((HERE / name).read_bytes() for name in BLANK_MADE_BY))
        blank = _layer(f"blank-{key}", lambda folder: make_blank(base, folder), say, "a blank disk: two minutes")
        return Blank(Built(blank / "disk.img", base / "kernel", base / "initrd"), blank / "mirror", others)


def _layers(say: Say) -> tuple[Path, Path]:
    """Debian, and the wheels of others."""
    base_key = recipe.key(*((HERE / name).read_bytes() for name in BASE_MADE_BY))
    base = _layer(f"base-{base_key}", make_base, say, "Debian: minutes")
    wheels_key = recipe.key(base_key.encode(), (HERE / "wheels.py").read_bytes(), wheels.LOCK.read_bytes())
    sysroot = base / "sysroot"
    others = _layer(f"wheels-{wheels_key}", lambda to: wheels.others(sysroot, to), say, "wheels: half a minute")
    return base, others


def _disk(base: Path, others: Path, say: Say) -> Path:
    recipes = [(HERE / name).read_bytes() for name in DISK_MADE_BY]
    disk = cache() / f"disk-{recipe.key(others.name.encode(), *recipes, *_tree())}.img"
    if not disk.exists():
        say("the disk: seconds")
        with tempfile.TemporaryDirectory() as folder:
            own = wheels.own(REPOSITORY, Path(folder))
            make_disk(base, others, own, REPOSITORY / "systemd", disk)
        for old in cache().glob("disk-*.img"):
            if old != disk:
                old.unlink()  # a machine that still runs on it keeps the file until it ends
    return disk


def _tree() -> Iterator[bytes]:
    """Name and content of everything of ours that goes onto the disk."""
    paths = [REPOSITORY / "pyproject.toml", *(REPOSITORY / "agent").rglob("*"), *(REPOSITORY / "systemd").rglob("*")]
    for path in sorted(paths):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(REPOSITORY)).encode()
            yield path.read_bytes()


def _layer(name: str, make: Callable[[Path], None], say: Say, what: str) -> Path:
    folder = cache() / name
    if not folder.exists():
        say(f"{what}, into {folder}")
        part = cache() / "part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        make(part)
        part.rename(folder)
    return folder


@contextmanager
def _alone() -> Iterator[None]:
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
