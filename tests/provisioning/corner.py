"""A device for the release program: real files, a service manager with the real one's rules, and a plug to pull."""

import json
import shutil
from dataclasses import dataclass, field

from reading_corner_release.commands import main
from reading_corner_release.machine import Machine


class PowerCut(BaseException):
    """Nothing can be done about it, so nothing but a test catches it."""


@dataclass(frozen=True)
class Release:
    """How a release behaves on this device."""

    starts: bool = True
    dies_after: float | None = None
    tells: bool = True
    missing: tuple[str, ...] = ()
    dials: bool = True


@dataclass
class World:
    """What is not the release's fault."""

    relay_is_up: bool = True
    unplugged: tuple[str, ...] = ()
    turn_until: float = 0.0


@dataclass
class Corner(Machine):
    """
    A machine whose power goes off after so many things it does: before the first, after the first, and so on.

    If `forgets`, what was not waited for is gone then: names in the base folder, contents of files. That is the worst
    that a disk may do; not to forget anything is the best.
    """

    base: object
    releases: dict
    cut_after: int | None = None
    forgets: bool = False
    world: World = field(default_factory=World)
    journal: list = field(default_factory=list)
    done: int = 0
    now: float = 0.0
    restarts_asked: int = 0

    def __post_init__(self):
        self.base.mkdir(exist_ok=True)
        self.state, self.running, self.invocation, self.restarts, self.since = "inactive", None, 0, 0, 0.0
        self._durable, self._fresh = self._names(), []

    # The files: real ones.

    def symlink(self, target, path):
        self._do(lambda: super(Corner, self).symlink(target, path))

    def rename(self, path, to):
        self._do(lambda: super(Corner, self).rename(path, to))
        self._fresh = [to if file == path else file for file in self._fresh]

    def unlink(self, path):
        self._do(lambda: super(Corner, self).unlink(path))

    def make_folder(self, path):
        self._do(lambda: super(Corner, self).make_folder(path))

    def remove_folder(self, path):
        marker = path / "complete"
        assert not marker.exists(), "a release that counts as whole is taken apart"
        for part in sorted(path.rglob("*"), reverse=True):
            self._do(part.unlink if part.is_file() else part.rmdir)
        self._do(lambda: super(Corner, self).remove_folder(path))

    def write(self, path, text):
        self._do(lambda: super(Corner, self).write(path, text))
        self._fresh.append(path)

    def fsync(self, path):
        assert path.exists()
        if path == self.base:
            self._durable = self._names()
        self._fresh = [file for file in self._fresh if file != path]
        self._do(lambda: None)

    def sync(self):
        self._durable, self._fresh = self._names(), []
        self._do(lambda: None)

    def _names(self):
        return {entry.name: entry.readlink() for entry in self.base.iterdir() if entry.is_symlink()}

    # The power.

    def _do(self, thing):
        if self.done == self.cut_after:
            raise PowerCut
        thing()
        self.done += 1

    def power_off(self):
        """Forget what a disk may forget; then nothing runs."""
        self.state, self.running, self.cut_after, self.world.turn_until = "inactive", None, None, 0.0
        if not self.forgets:
            return
        for name in self._names():
            (self.base / name).unlink()
        for name, target in self._durable.items():
            (self.base / name).symlink_to(target)
        for file in self._fresh:
            if file.exists():
                file.write_text("")

    def start_up(self):
        """What systemd does: the condition of the recovery's unit, the unit, then the service."""
        self._durable, self._fresh = self._names(), []
        if (self.base / "way-back").is_symlink():
            assert self("recover") == 0
        self._restart()

    # The service manager.

    def run(self, *command, within, environ=None):
        match [str(word) for word in command]:
            case "systemctl", "reset-failed", _:
                return self._told(0, "")
            case "systemctl", "restart", _:
                self.restarts_asked += 1
                return self._told(0 if self._restart() else 1, "")
            case "systemctl", "stop", _:
                self.state, self.running = "inactive", None
                return self._told(0, "")
            case "systemctl", "show", *_:
                self._live()
                return 0, f"NRestarts={self.restarts}\nInvocationID={self.invocation}\nActiveState={self.state}\n"
            case program, "status", "--json":
                assert program == str(self.base / "current/venv/bin/reading-corner")
                return self._status()
            case _, "-m", "venv", venv:
                (self.base / "releases" / venv / "bin").mkdir(parents=True)
                return self._told(0, "")
            case python, "-I", "-m", "pip", *_:
                agent = self.base.joinpath(python).parent / "reading-corner"
                agent.write_text("the program")
                self._fresh.append(agent)
                return self._told(0, "")
            case _, "-I", "-c", _:
                return 0, ""
        raise AssertionError(command)

    def _told(self, status, said):
        self._do(lambda: None)
        return status, said

    def _restart(self):
        link = self.base / "current"
        version = link.readlink().name if link.is_symlink() else None
        self.invocation, self.restarts, self.since = self.invocation + 1, 0, self.now
        well = version is not None and is_whole(self.base / "releases" / version) and self.releases[version].starts
        self.state, self.running = ("active", version) if well else ("activating", None)
        return well

    def _live(self):
        """An agent that dies is started again, by the unit's Restart=always."""
        release = self.releases.get(self.running)
        if release and release.dies_after is not None and self.now - self.since >= release.dies_after:
            self.invocation, self.restarts, self.since = self.invocation + 1, self.restarts + 1, self.now

    def _status(self):
        release = self.releases.get(self.running)
        if self.state != "active" or not release.tells:
            return 1, "the agent is not running"
        record = {
            "now": {"state": "speaking" if self.now < self.world.turn_until else "ready"},
            "link": {"up": release.dials and self.world.relay_is_up},
            "missing": [*release.missing, *self.world.unplugged],
        }
        return 0, json.dumps(record)

    # The rest.

    def hold_on(self):
        pass

    def tell_journal(self, fields):
        self._do(lambda: self.journal.append(fields))

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    # What a test does and sees.

    def __call__(self, *arguments):
        """The exit status of the program."""
        return main([str(argument) for argument in arguments], self)

    def put(self, *versions):
        """Let releases be installed."""
        for version in versions:
            release = self.base / "releases" / version
            (release / "venv" / "bin").mkdir(parents=True)
            (release / "venv" / "bin" / "reading-corner").write_text("the program")
            (release / "complete").write_text("of these wheels")
        self.sync()

    def leads(self, link):
        """The version that a link leads to."""
        return (self.base / link).readlink().name if (self.base / link).is_symlink() else None

    @property
    def events(self):
        return [(fields["AGENT_EVENT"], fields["AGENT_VERSION"]) for fields in self.journal]


def is_whole(release):
    """As the program sees it, and as it is."""
    program = release / "venv" / "bin" / "reading-corner"
    return (release / "complete").exists() and program.exists() and program.read_text() == "the program"


def corner(folder, *, new=None, first=False, **options):
    """A device that runs release 1.0, unless its first is to come; 2.0 is installed and behaves as told."""
    shutil.rmtree(folder, ignore_errors=True)
    device = Corner(folder, {"1.0": Release(), "2.0": new or Release()}, **options)
    device.put("1.0", "2.0")
    if not first:
        (folder / "current").symlink_to("releases/1.0")
        device.start_up()
    device.done = device.restarts_asked = 0
    return device
