"""A whole corner on the machine: the agent with a token, its relay, its journal, and what is heard of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from agent.journal.lines import Line
from hw_tests.virtual_pi import ear, guest
from hw_tests.virtual_pi.build import Built
from hw_tests.virtual_pi.far_end import FarEnd, Tones, far_end
from hw_tests.virtual_pi.journal import MINUTE, Entry, Journal
from hw_tests.virtual_pi.machine import Machine
from hw_tests.virtual_pi.netem import Weather

START_S: Final = 3 * MINUTE
"""For the agent to start: half a minute under emulation, more beside others, at most what systemd grants twice."""

SOUND_S: Final = 30.0
"""For the first sound after a release: a second or two under emulation."""

LOOK_S: Final = 0.05
"""Between two looks at what was played, or at a pin: neither tells when it changes."""

CA: Final = "/etc/reading-corner/relay.pem"
SETTINGS: Final = "/etc/reading-corner/agent.toml"
TOKEN: Final = "/etc/reading-corner/device-token"
GROUP: Final = "/sys/fs/cgroup/system.slice/reading-corner.service"


class Corner:
    """What a test has in its hands. Every wait has an end, and fails with what was told until then."""

    def __init__(self, pi: Machine, relay: FarEnd, journal: Journal) -> None:
        self.pi, self.relay, self.journal = pi, relay, journal
        self._reading, self._tunnel = ExitStack(), ExitStack()

    def connect(self) -> None:
        """Let the machine reach the relay."""
        self._tunnel.enter_context(self.pi.tunnel(self.relay.port))

    @contextmanager
    def without_relay(self) -> Iterator[None]:
        """Have nobody listen at the relay's address for as long as the context lasts, over a reboot as well."""
        self._tunnel.close()
        try:
            yield
        finally:
            self.connect()

    def read(self) -> None:
        """Read the journal from where it was read last: at first, and after a reboot."""
        self._reading.close()
        self._reading.enter_context(self.journal.followed())

    def provision(self) -> int:
        """
        Put what a technician would: the relay's address, whom to trust, the token; and start the agent with it.

        Returns:
            The journal's mark from which on it tells of that.

        """
        plain, secure = (f'url = "{scheme}://127.0.0.1:{guest.RELAY_PORT}"' for scheme in ("ws", "wss"))
        settings = guest.SETTINGS.replace(plain, f'{secure}\nca_file = "{CA}"')
        self.pi.ssh(f"cat >{SETTINGS}", settings)
        self.pi.ssh(f"cat >{CA}", self.relay.certificate)
        mark = self.journal.mark()
        self.pi.give_token(self.relay.token)
        return mark

    def close(self) -> None:
        """Let go of the machine; it runs on."""
        self._tunnel.close()
        self._reading.close()

    def ask(self) -> int:
        """Press, speak, release; return the pitch of the reply that is due."""
        pitch = Tones.pitch(len(self.relay.tutor.heard))
        self.pi.press()
        self.pi.say("en-short")
        self.pi.release()
        return pitch

    def until_sounds(self, pitch: int, since: int) -> None:
        """Wait until a pitch is to be heard in what was played since then."""
        self.until(lambda: self.heard(since).ms(pitch) >= 100, SOUND_S, f"{pitch} Hz from the speaker")

    def until(self, is_so: Callable[[], bool], within_s: float, wanted: str) -> None:
        """Look again and again; an AssertionError if it is not so in time."""
        deadline = time.monotonic() + within_s
        while not is_so():
            assert time.monotonic() < deadline, f"not within {within_s:g} s: {wanted}"
            time.sleep(LOOK_S)

    def played(self) -> int:
        """This moment, as what was played until now; to `heard`."""
        return ear.now(self.pi.speaker_wav)

    def heard(self, since: int, until: int | None = None) -> ear.Heard:
        """What was to be heard since then."""
        return ear.listen(self.pi.speaker_wav, since, until)

    def teaches(self, since: int | None = None) -> Entry:
        """
        Have a turn, which is the proof of READY: asked, answered, heard to its end by the speaker, told by the journal.

        Then nothing else of the service is there but the one process. With `since`, the link is first waited for.
        """
        if since is not None:
            self.journal.until(Line.LINK_UP, since, START_S)
        mark, begin, seconds = self.journal.mark(), self.played(), self.relay.tutor.seconds
        self.relay.tutor.seconds = 2.0
        try:
            pitch = self.ask()
            turn = self.journal.until(Line.TURN, mark)
        finally:
            self.relay.tutor.seconds = seconds
        assert turn["AGENT_END"] == "heard", turn["MESSAGE"]
        self.until(lambda: self.heard(begin).ms(pitch) >= 1500, SOUND_S, "three quarters of a reply of 2 s")
        assert self.processes() == [self.main_pid()], self.pi.ssh("ps -eo pid,ppid,user,args")
        return turn

    def main_pid(self) -> int:
        """Which process the service is; 0 while there is none."""
        return int(self.shown("MainPID"))

    def shown(self, name: str) -> str:
        """A property of the unit, as systemd shows it."""
        return self.pi.ssh(f"systemctl show --value --property={name} reading-corner").strip()

    def processes(self) -> list[int]:
        """Every process of the service and of its account, wherever it went."""
        said = self.pi.ssh(f"cat {GROUP}/cgroup.procs; ps -o pid= -U reading-corner || true")
        return sorted({int(line) for line in said.split()})


@contextmanager
def corner(built: Built, folder: Path, clock: str | None = None) -> Iterator[Corner]:
    """Start a machine with a relay that it can not reach yet, read its journal; provision is up to the caller."""
    pi = Machine(folder)
    with far_end(guest.DEVICE_ID) as relay:
        pi.start(built, clock)
        there = Corner(pi, relay, Journal(pi))
        try:
            there.read()
            yield there
        finally:
            there.close()
            pi.stop()


@contextmanager
def weather(pi: Machine, weather: Weather) -> Iterator[None]:
    """Have bad weather for as long as the context lasts."""
    pi.network(weather)
    try:
        yield
    finally:
        pi.network(Weather())
