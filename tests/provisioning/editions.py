"""
Other releases of this tree, each a real wheel: one that is as good as ours, and three that are broken on purpose.

All are wheels for any machine, so the same for a container and a Pi.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Edition:
    """A release: `added` is what stands at the end of files, `why` what is said of one that is given up."""

    version: str
    added: dict = field(default_factory=dict)
    why: str = ""


GOOD = Edition("9.0.1")

DOES_NOT_START = Edition(
    "9.0.2", {"agent/run_command.py": 'raise ImportError("broken on purpose")\n'}, "it does not start"
)

DIES_AFTER_20_S = Edition(
    "9.0.3",
    {
        "agent/notify.py": """
import threading

_told_to_systemd = to_systemd

def to_systemd(environ):
    notify = _told_to_systemd(environ)

    def and_die(lines):
        notify(lines)
        if lines == "READY=1":
            threading.Timer(20, os._exit, [1]).start()

    return and_die
"""
    },
    "it did not keep running",
)

CANNOT_OPEN_AUDIO = Edition(
    "9.0.4",
    {
        "agent/devices/pcm.py": """
def _refuse(self, name, *_):
    raise DeviceMissing(f"{name}: broken on purpose")

Card.__init__ = _refuse
"""
    },
    "it misses what was there before: microphone, speaker",
)

BROKEN = {
    "does not start": DOES_NOT_START,
    "dies after 20 s": DIES_AFTER_20_S,
    "cannot open audio": CANNOT_OPEN_AUDIO,
}


def source(folder, edition):
    """Lay out what it is built of; return the folder."""
    copied = folder / f"source-{edition.version}"
    shutil.copytree(PROJECT / "agent", copied / "agent", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / file, copied)
    own = copied / "agent/__init__.py"
    own.write_text(re.sub(r'(?<=__version__ = ").*(?=")', edition.version, own.read_text("utf-8")), "utf-8")
    for file, text in edition.added.items():
        with (copied / file).open("a", encoding="utf-8") as end:
            end.write(text)
    return copied


def wheel(project, folder):
    """Build the wheel of a tree into a folder, without any network."""
    own = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*own, "--wheel-dir", folder, project], check=True)
