"""From one release to another, on trial; and back, at once or at the next start of the device."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from reading_corner_release.machine import Machine
from reading_corner_release.plan import CURRENT, Drop, Move, Point, Rerun, Say, Step, change, keep, undo
from reading_corner_release.refusal import BAD_INPUT, BUSY, Refusal
from reading_corner_release.releases import is_complete, links
from reading_corner_release.trial import STABLE_S, TURN, Service, Standing, judge, what_is_worse

UNIT: Final = "reading-corner.service"

RERUN_S: Final = 210.0
"""A stop of at most 10 s, then a start of at most 180 s, as the unit has it, and systemd's own part in both."""

STATUS_S: Final = 30.0
"""A Zero 2 W takes seconds to start a Python program, and more while another one starts."""

LOOK_EVERY_S: Final = 5.0
"""How often a release on trial is looked at."""

ASK_EVERY_S: Final = 1.0
"""How often an agent is asked whether a turn is over: students leave seconds between turns."""

REST_S: Final = 600.0
"""How long a turn is waited for; the longest is some three minutes."""

SILENT_TIMES: Final = 5
"""So often an agent may not tell how it is before it is taken for one that hangs, so serves nobody."""

CUT_SHORT: Final = "its trial was cut short, as by the power"

LINES: Final = {
    "release_installed": ("87e1a9d5c90e438c8623f641d336e286", "6", "release {0} has proven itself and is kept"),
    "release_rolled_back": ("cf058f18b6174e03b7cd5d0e99b6294e", "4", "release {0} is given up: {1}"),
}
"""MESSAGE_ID (as in agent/journal/lines.py, whose catalogue explains them), syslog priority, message."""


def activate(machine: Machine, version: str, patience: float = REST_S) -> str | None:
    """
    Let the service run a release, unless that proves to be worse than the one it runs.

    Returns:
        "" if the release is active, None if it was before; else why it was given up for the one before.

    """
    if not is_complete(machine, version):
        raise Refusal(BAD_INPUT, f"{version} is not installed; expected one that is: see `status`")
    settle(machine)
    if links(machine).current == version:
        return None
    before = wait_for_rest(machine, patience)
    machine.hold_on()
    try:
        carry_out(machine, change(links(machine), version))
        why = try_out(machine, before)
    except OSError as error:  # a full disk, say, which does not keep us from going back
        why = str(error)
    if why:
        settle(machine, why)
    else:
        carry_out(machine, keep(links(machine)))
    return why


def settle(machine: Machine, why: str = CUT_SHORT) -> str | None:
    """Go back if there is a way back: return the version that it led to."""
    found = links(machine)
    if found.way_back is None:
        return None
    carry_out(machine, undo(found, why))
    return found.way_back


def wait_for_rest(machine: Machine, patience: float) -> Standing | None:
    """Wait until no turn is going on; return how the agent is then, None if there is none to ask."""
    until, silent = machine.clock() + patience, 0
    while service(machine).state == "active" and silent < SILENT_TIMES:
        standing = ask(machine)
        if standing and standing.state not in TURN:
            return standing
        silent = 0 if standing else silent + 1
        if machine.clock() >= until:
            raise Refusal(BUSY, f"a student has been at it for {patience:.0f} s; nothing was changed")
        machine.sleep(ASK_EVERY_S)
    return None


def try_out(machine: Machine, before: Standing | None) -> str:
    """Run what `current` leads to, and watch it; return why it is to be given up, "" if it is to be kept."""
    if not rerun(machine):
        return "it does not start"
    started, since = service(machine), machine.clock()
    while True:
        elapsed, now = machine.clock() - since, service(machine)
        worse = what_is_worse(before, ask(machine)) if now == started and elapsed >= STABLE_S else ""
        if (verdict := judge(elapsed, started, now, worse)) is not None:
            return verdict
        machine.sleep(LOOK_EVERY_S)


def carry_out(machine: Machine, steps: Iterable[Step]) -> None:
    """Do what a plan says, each step to the disk before the next one."""
    for step in steps:
        match step:
            case Point(link, version):
                _point(machine, machine.base / link, version)
            case Move(link, to):
                machine.rename(machine.base / link, machine.base / to)
            case Drop(link):
                machine.unlink(machine.base / link)
            case Rerun():
                if service(machine).state != "inactive":  # at the device's start, where the service is still to come
                    rerun(machine)
            case Say():
                machine.tell_journal(_fields(step))
        machine.fsync(machine.base)


def _point(machine: Machine, link: Path, version: str) -> None:
    """A link can not be changed, but another one can be renamed to it, which is one thing."""
    new = link.with_name(f"{link.name}.new")
    machine.unlink(new)
    machine.symlink(f"releases/{version}", new)
    machine.rename(new, link)


def _fields(step: Say) -> dict[str, str]:
    """As journald takes them; OBJECT_SYSTEMD_UNIT is for `journalctl -u reading-corner`."""
    message_id, priority, message = LINES[step.event]
    return {
        "MESSAGE": message.format(step.version, step.why),
        "MESSAGE_ID": message_id,
        "PRIORITY": priority,
        "SYSLOG_IDENTIFIER": "reading-corner",
        "OBJECT_SYSTEMD_UNIT": UNIT,
        "AGENT_EVENT": step.event,
        "AGENT_VERSION": step.version,
        "AGENT_WHY": step.why,
    }


def service(machine: Machine) -> Service:
    """Ask systemd."""
    asked = "--property=ActiveState,InvocationID,NRestarts"
    return Service.read(machine.run("systemctl", "show", asked, UNIT, within=STATUS_S)[1])


def ask(machine: Machine) -> Standing | None:
    """Ask the agent, by its own command."""
    command = machine.base / CURRENT / "venv" / "bin" / "reading-corner"
    status, said = machine.run(command, "status", "--json", within=STATUS_S)
    return None if status else Standing.read(said)


def rerun(machine: Machine) -> bool:
    """Restart the service, or stop it if there is nothing to run; whether it says that it is ready."""
    machine.run("systemctl", "reset-failed", UNIT, within=STATUS_S)
    verb = "restart" if links(machine).current else "stop"
    return machine.run("systemctl", verb, UNIT, within=RERUN_S)[0] == 0
