"""
A device that nobody reaches brings itself up to date: pytest -m long tests/provisioning/test_pull.py

As root, with debootstrap, git and ansible-core; see test_targets.py. The device gets its own Ansible from Debian.
"""

import json
import re
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from wheels import sums

from agent import __version__
from tests.provisioning.bench import PORTS, Bench, laid_out, provision
from tests.provisioning.editions import GOOD, PROJECT, source
from tests.provisioning.wheels import wheelhouse

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

GIT_PORTS = {"trixie": 2221, "bookworm": 2222}
SECRET = re.compile(r"rct_[0-9a-f]{16}_[0-9a-f]{16}")
OF_THE_BENCH = ("ansible_", "reading_corner_registry", "reading_corner_relay_command", "reading_corner_known_hosts")
"""Variables that devices are not to know, or have no use for."""


@dataclass(frozen=True)
class Repository:
    """What IT keeps for devices that pull: this tree, the table of devices and what all of them share."""

    folder: Path
    url: str

    def commit(self, shared, table):
        """Let devices have these, and the tree."""
        (self.folder / "provisioning/group_vars").mkdir(exist_ok=True)
        (self.folder / "provisioning/group_vars/reading_corners.json").write_text(json.dumps(shared), "utf-8")
        (self.folder / "provisioning/devices.csv").write_text(table, "utf-8")
        self.git("add", "--all")
        who = ["-c", "user.name=IT", "-c", "user.email=it@school.example"]
        self.git(*who, "commit", "--quiet", "--allow-empty", "--message", "Change")

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.folder, *arguments], check=True)

    def files(self):
        return [file for file in self.folder.rglob("*") if file.is_file()]


@dataclass(frozen=True)
class School:
    """A device behind a wall, and what it asks for: `shared` is in the repository."""

    bench: Bench
    repository: Repository
    shared: dict

    def release(self, version):
        """What the repository says when this version is to run."""
        archives = (self.bench.folder / "wheelhouse" / version).glob("*.tar")
        told = (line.split() for line in sums(archives).splitlines())
        sha256 = {name.removesuffix(".tar"): digest for digest, name in told}
        return self.shared | {"reading_corner_version": version, "reading_corner_wheelhouse_sha256": sha256}

    def commit(self, version, wrong=("", ""), **instead):
        """Let the repository say this; with one thing wrong in the table."""
        table = (self.bench.folder / "devices.csv").read_text("utf-8").replace(*wrong)
        self.repository.commit(self.release(version) | instead, table)

    def pull(self):
        """Let the device do what it does at night; return (whether it went well, how many changes, what it said)."""
        run = self.bench.target.run
        try:
            run("systemctl", "start", "reading-corner-pull.service")
            went_well = True
        except RuntimeError:
            went_well = False
        invocation = run("systemctl", "show", "--property=InvocationID", "--value", "reading-corner-pull.service")
        run("journalctl", "--sync")
        said = run("journalctl", "--output=cat", f"_SYSTEMD_INVOCATION_ID={invocation}")
        changes = re.findall(r"^rc-1 +: .*\bchanged=(\d+)", said, re.MULTILINE)
        return went_well, [int(number) for number in changes], " ".join(said.split())

    def token(self):
        return self.bench.target.run("cat", "/etc/reading-corner/device-token")

    def agent(self):
        """Which run of the agent this is: another after each restart."""
        return self.bench.target.run("systemctl", "show", "--property=InvocationID", "--value", "reading-corner")

    def running(self):
        """The release, as the one that runs says."""
        return self.bench.status()["version"]


@contextmanager
def served(folder):
    """A web server with a folder's files; yields its address."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def repository(folder, port):
    """A repository with this tree, served to whoever asks; nothing is committed yet."""
    unwanted = shutil.ignore_patterns("__pycache__", "group_vars", "devices.csv", "known_hosts")
    for name in ("provisioning", "systemd"):
        shutil.copytree(PROJECT / name, folder / "fleet" / name, ignore=unwanted)
    made = Repository(folder / "fleet", f"git://127.0.0.1:{port}/fleet")
    made.git("init", "--quiet", "--initial-branch=main")
    serve = ["git", "daemon", "--export-all", "--listen=127.0.0.1", f"--port={port}", f"--base-path={folder}"]
    with subprocess.Popen([*serve, "--reuseaddr", str(folder)]) as daemon:
        try:
            deadline = time.monotonic() + 20
            while subprocess.run(["git", "ls-remote", made.url], capture_output=True, check=False).returncode:
                assert time.monotonic() < deadline, "git daemon does not answer"
            yield made
        finally:
            daemon.terminate()


@pytest.fixture(scope="module", params=PORTS)
def school(request, tmp_path_factory):
    """It was provisioned at the bench, with a token, and has been hung up since."""
    folder = tmp_path_factory.mktemp("school")
    with (
        laid_out(request.param, folder) as bench,
        served(folder / "wheelhouse") as web,
        repository(folder, GIT_PORTS[request.param]) as fleet,
    ):
        wheelhouse(folder / "wheelhouse", request.param, GOOD.version, source(folder, GOOD))
        known = json.loads((folder / "vars.json").read_text("utf-8"))
        at_the_bench = {name: value for name, value in known.items() if name.startswith(OF_THE_BENCH)}
        (folder / "vars.json").write_text(json.dumps(at_the_bench), "utf-8")
        shared = {name: value for name, value in known.items() if name not in at_the_bench}
        del shared["reading_corner_wheelhouse"]
        shared |= {"reading_corner_pull_url": fleet.url, "reading_corner_wheelhouse_url": web}
        school = School(replace(bench, provisioning=fleet.folder / "provisioning"), fleet, shared)
        school.commit(__version__)
        provision(school.bench)
        yield school


def test_a_password_in_the_repository_s_address_is_refused_and_not_told(school):
    did, said = school.bench.play(
        "site.yml", "-e", "reading_corner_pull_url=https://it:opensesame@git.example/fleet.git"
    )
    assert (did["failed"], did["changed"]) == (1, 0)
    assert "Found a password in reading_corner_pull_url" in said
    assert "opensesame" not in said


def test_a_pull_with_nothing_new_changes_nothing(school):
    before = school.agent()
    school.commit(__version__)
    assert school.pull()[:2] == (True, [0])
    assert school.agent() == before


def test_it_asks_each_night_at_a_moment_of_its_own_and_not_when_it_is_missed(school):
    run = school.bench.target.run
    asked = ("ActiveState", "UnitFileState", "RandomizedDelayUSec", "FixedRandomDelay", "Persistent")
    told = run("systemctl", "show", f"--property={','.join(asked)}", "reading-corner-pull.timer").splitlines()
    assert sorted(told) == [
        "ActiveState=active",
        "FixedRandomDelay=yes",
        "Persistent=no",
        "RandomizedDelayUSec=4h",
        "UnitFileState=enabled",
    ]
    moments = set()
    for _ in range(2):
        run("systemctl", "restart", "reading-corner-pull.timer")
        told = run("systemctl", "list-timers", "--no-legend", "reading-corner-pull.timer")
        moments.add(re.match(r"\S+ \S+ (\d\d):\d\d:\d\d AST ", told)[0])
    (moment,) = moments
    assert re.search(r" (21|22|23|00):", moment)


def test_a_mistake_in_the_table_is_told_and_its_correction_is_pulled(school):
    before = school.agent()
    school.commit(__version__, wrong=(",debian,", ",debain,"))
    went_well, changes, said = school.pull()
    assert (went_well, changes) == (False, [])
    assert "line 2, column board: found 'debain'" in said
    school.commit(__version__)
    assert school.pull()[:2] == (True, [0])
    assert school.agent() == before


def test_an_archive_that_is_not_the_one_that_was_named_is_refused_and_the_device_stays_as_it_is(school):
    before = school.agent()
    kinds = school.release(GOOD.version)["reading_corner_wheelhouse_sha256"]
    school.commit(GOOD.version, reading_corner_wheelhouse_sha256=dict.fromkeys(kinds, 64 * "0"))
    went_well, _, said = school.pull()
    assert not went_well
    assert "checksum" in said
    assert (school.running(), school.agent()) == (__version__, before)
    assert GOOD.version not in school.bench.target.run("ls", "/opt/reading-corner/releases").split()


def test_a_checkout_that_a_power_cut_left_unusable_is_made_anew(school):
    school.commit(__version__)
    assert school.pull()[0]
    school.bench.target.run("touch", "/var/lib/reading-corner-pull/.git/index.lock")
    assert not school.pull()[0]
    assert school.pull()[:2] == (True, [0])


def test_a_release_that_is_committed_runs_after_the_next_night(school):
    token = school.token()
    school.commit(GOOD.version)
    went_well, changes, said = school.pull()
    assert went_well, said[-5000:]
    assert changes[0] > 0
    status = school.bench.status()
    assert (status["version"], status["link"]["up"]) == (GOOD.version, True)
    releases = json.loads(school.bench.target.run("/usr/local/sbin/reading-corner-release", "status", "--json"))
    assert (releases["current"], releases["previous"], releases["on_trial"]) == (GOOD.version, __version__, None)
    assert school.token() == token
    assert school.pull()[:2] == (True, [0])


def test_no_secret_is_in_the_repository_nor_in_what_the_device_said(school):
    token = school.token()
    told = [school.bench.target.run("journalctl", "--no-pager", "--output=export")]
    told += [file.read_bytes().decode("latin-1") for file in school.repository.files()]
    assert SECRET.match(token)
    assert not any(token in text or SECRET.search(text) for text in told)
