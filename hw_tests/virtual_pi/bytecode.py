"""Compiling Python natively for the machine: byte code does not know the processor, only Python's version."""

from __future__ import annotations

from pathlib import Path

from hw_tests.virtual_pi.archive import Archive
from hw_tests.virtual_pi.host import Trouble, run
from hw_tests.virtual_pi.recipe import COMPILER, PYTHON


def fetch_compiler(folder: Path, work: Path) -> None:
    """Put the Python that the machine has, but for this processor, into `folder`; it is not installed."""
    Archive(work, run(["dpkg", "--print-architecture"]).strip()).unpack(COMPILER, folder)


def compile_tree(compiler: Path, root: Path, inside: str) -> None:
    """Compile everything in the folder `inside` of the machine's file system `root`."""
    loader = next(iter(sorted((compiler / "usr/lib").glob("*/ld-linux-*.so.*"))), None)
    if loader is None:
        raise Trouble(f"no Python in {compiler}: remove it and build again")
    python: list[str | Path] = [loader, "--library-path", loader.parent, compiler / f"usr/bin/python{PYTHON}"]
    # Paths in tracebacks are those of the machine. Files that are made wrong on purpose, as in tests, are passed over.
    options: list[str | Path] = ["-m", "compileall", "-qq", "-s", root, "-p", "/", root / inside]
    env = {"PYTHONHOME": str(compiler / "usr"), "PATH": "/usr/bin:/bin"}
    run([*python, *options], env=env)
