"""A release made by the real pip in a real environment, of wheels that stand for the agent's."""

import hashlib
import subprocess
import zipfile

import pytest
from reading_corner_release.commands import main
from reading_corner_release.machine import Machine

from tests.provisioning.corner import Corner

AGENT = {"agent/__init__.py": "", "agent/cli.py": "def main():\n    print('a lesson')\n"}
DRIVERS = {"alsaaudio.py": "", "spidev.py": "", "systemd/__init__.py": "", "systemd/daemon.py": ""}
LGPIO = {"lgpio.py": "def gpiochip_open(number): ...\n"}
SCRIPT = "[console_scripts]\nreading-corner = agent.cli:main\n"


def wheel(folder, name, files, **more):
    """A wheel that pip takes; return its line of the list."""
    info = f"{name.replace('-', '_')}-1.0.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **{f"{info}/{part}": text for part, text in more.items()},
    }
    path = folder / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{info}/RECORD": "".join(f"{file},,\n" for file in files)}.items():
            archive.writestr(file, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def wheelhouse(folder, lgpio):
    folder.mkdir()
    lines = [
        wheel(folder, "reading-corner-agent", AGENT, **{"entry_points.txt": SCRIPT}),
        wheel(folder, "drivers", DRIVERS),
        wheel(folder, "lgpio", lgpio),
    ]
    (folder / "requirements.lock").write_text("".join(lines))
    return folder


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_release_is_made_without_a_network_once_and_starts(tmp_path, capsys):
    wheels, machine = wheelhouse(tmp_path / "wheels", LGPIO), Machine(tmp_path / "rc")
    assert main(["install", "1.0", str(wheels)], machine) == 0
    agent = tmp_path / "rc/releases/1.0/venv/bin/reading-corner"
    assert subprocess.run([agent], capture_output=True, text=True, check=True).stdout == "a lesson\n"
    changed = agent.stat().st_mtime_ns
    assert main(["install", "1.0", str(wheels)], machine) == 0
    assert "already" in capsys.readouterr().out
    with (wheels / "requirements.lock").open("a") as lines:
        lines.write("# of other wheels\n")
    assert main(["install", "1.0", str(wheels)], machine) == 2
    assert agent.stat().st_mtime_ns == changed


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_release_with_the_empty_lgpio_is_refused_and_leaves_nothing(tmp_path, capsys):
    wheels, machine = wheelhouse(tmp_path / "wheels", {"lgpio.py": ""}), Machine(tmp_path / "rc")
    assert main(["install", "1.0", str(wheels)], machine) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "gpiochip_open" in line
    assert [*(tmp_path / "rc/releases").iterdir()] == []


def test_a_folder_that_lacks_a_wheel_is_refused_with_what_pip_said_last(tmp_path, capsys):
    class Lacking(Corner):
        def run(self, *command, within, environ=None):
            lacking = "pip" in command
            return (1, "Looking\nERROR: no numpy\n") if lacking else super().run(*command, within=within)

    machine = Lacking(tmp_path / "rc", {})
    assert machine("install", "1.0", wheelhouse(tmp_path / "wheels", LGPIO)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("does not fit this device: ERROR: no numpy")
    assert [*(tmp_path / "rc/releases").iterdir()] == []
