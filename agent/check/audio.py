"""Microphone and speaker: opened as the agent would and listened to for a second, unless it has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from agent.check.board import text
from agent.check.hearing import judged
from agent.check.service import UNIT, Running
from agent.check.verdicts import Check, failed, not_checked, ok
from agent.devices import cards, mixer, ports
from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker
from agent.devices.pcm import Granted
from agent.devices.wake import EventWake
from agent.errors import BadInput, DeviceBusy, DeviceError, DeviceMissing
from agent.settings import Settings
from agent.units import PERIOD_SAMPLES, SAMPLE_RATE_HZ, Pcm

NAMES: Final = ("microphone", "hearing", "speaker")

SETTLES_PERIODS: Final = 20
"""200 ms: opening a USB microphone is heard as a thump."""

LISTENED_PERIODS: Final = SAMPLE_RATE_HZ // PERIOD_SAMPLES
"""A second."""

PLAYED_PERIODS: Final = 10
"""100 ms of silence: three times what the speaker holds, so that it has to move."""

LISTEN_AGAIN: Final = f"sudo systemctl stop {UNIT}, check again, start it again"


class Microphone(ports.Microphone, Protocol):
    """A microphone that says what its card grants."""

    granted: Granted


class Speaker(ports.Speaker, Protocol):
    """A speaker that says what its card grants."""

    granted: Granted


@dataclass(frozen=True, slots=True)
class Doors:
    """How cards are opened: by the name of a PCM, or of a mixer."""

    microphone: Callable[[str], Microphone] = AlsaMicrophone
    speaker: Callable[[str], Speaker] = AlsaSpeaker
    mixer: mixer.Mixer = mixer.alsa_mixer


def checks(
    settings: Settings, service: Running | None, root: Path = Path("/"), doors: Doors | None = None
) -> Iterator[Check]:
    """
    Look at all of it; blocks for 1.3 s, and for 5 s more with each card that hangs.

    Args:
        settings: Which cards.
        service: If the agent runs, what the kernel says of its cards is told instead.
        root: Where `proc` and `sys` are.
        doors: How cards are opened.

    """
    doors = doors or Doors()
    yield from _microphone(settings, service, root, doors)
    yield from _speaker(settings, service, root, doors)


def _microphone(settings: Settings, service: Running | None, root: Path, doors: Doors) -> Iterator[Check]:
    wanted = settings.microphone
    chosen = _chosen(wanted.card, "capture", root)
    if isinstance(chosen, Check):
        yield chosen
        yield not_checked("hearing", "no microphone")
        return
    if service:
        yield _held(chosen, "capture", service, root)
        yield not_checked("hearing", "the agent has the microphone", LISTEN_AGAIN)
        return
    try:
        mixer.apply(
            cards.control_name(chosen.card),
            capture_gain_percent=wanted.capture_gain_percent,
            agc=wanted.agc,
            mixer=doors.mixer,
        )
        opened = doors.microphone(cards.pcm_name(chosen.card, "capture"))
    except DeviceError as trouble:
        yield _refused(trouble, chosen.card, "capture", root)
        yield not_checked("hearing", "no microphone")
        return
    with closing(opened) as microphone:
        yield ok("microphone", f"{_named(chosen)}: {_granted(microphone.granted)}")
        yield _hearing(microphone)


def _hearing(microphone: Microphone) -> Check:
    try:
        _periods(microphone, SETTLES_PERIODS)
        lost = microphone.overruns
        heard = np.stack(_periods(microphone, LISTENED_PERIODS))
    except DeviceError as trouble:
        return failed("hearing", str(trouble), "pull the microphone out, plug it into another port, check again")
    return judged(heard, microphone.overruns - lost)


def _periods(microphone: Microphone, count: int) -> list[Pcm]:
    heard: list[Pcm] = []
    while len(heard) < count:
        heard += [period for period in (microphone.read(),) if len(period)]  # none yet, from one that is slow to start
    return heard


def _speaker(settings: Settings, service: Running | None, root: Path, doors: Doors) -> Iterator[Check]:
    wanted = settings.speaker
    chosen = _chosen(wanted.card, "playback", root)
    if isinstance(chosen, Check):
        yield chosen
        return
    if service:
        yield _held(chosen, "playback", service, root)
        return
    try:
        mixer.apply(cards.control_name(chosen.card), level_percent=wanted.level_percent, mixer=doors.mixer)
        with closing(doors.speaker(cards.pcm_name(chosen.card, "playback"))) as speaker:
            _play_silence(speaker)
            yield ok("speaker", f"{_named(chosen)}: {_granted(speaker.granted)}; whether it is heard: --full")
    except DeviceError as trouble:
        yield _refused(trouble, chosen.card, "playback", root)


def _play_silence(speaker: Speaker) -> None:
    with closing(EventWake()) as never:
        for _ in range(PLAYED_PERIODS):
            speaker.wait(never)
            speaker.write(np.zeros(PERIOD_SAMPLES, np.int16))


def _chosen(wish: str, direction: cards.Direction, root: Path) -> cards.Chosen | Check:
    role = cards.ROLE[direction]
    try:
        return cards.choose(cards.listed(root), wish, direction)
    except DeviceMissing as missing:
        return failed(role, str(missing), f"plug it in, or set {role}.card to what `reading-corner devices` shows")
    except BadInput as unsure:
        return failed(role, str(unsure), f"set {role}.card to one of these")


def _held(chosen: cards.Chosen, direction: cards.Direction, service: Running, root: Path) -> Check:
    """What the kernel says of a card that the agent should have open."""
    role, card = cards.ROLE[direction], chosen.card
    for folder in sorted((root / f"proc/asound/card{card.index}").glob(f"pcm*{direction[0]}/sub*")):
        status, granted = _fields(folder / "status"), _fields(folder / "hw_params")
        if status.get("owner_pid", "").isdigit() and int(status["owner_pid"]) in service.threads:
            rate = granted.get("rate", "?").partition(" ")[0]
            found = f"{_named(chosen)}: the agent has it, {rate} Hz, {granted.get('channels', '?')} channels"
            if status.get("state") == "RUNNING":
                return ok(role, found)
            again = f"press the button and check again; then journalctl -u {UNIT} -n 20"
            return failed(role, f"{found}, but it is {status.get('state', 'in no state')}", again)
    by = cards.holder(card, direction, root)
    return failed(
        role,
        f"{_named(chosen)}: the agent runs and does not have it" + (f", {by} has" if by else ""),
        f"stop {by}" if by else f"look why: journalctl -u {UNIT} -n 20",
    )


def _fields(path: Path) -> Mapping[str, str]:
    pairs = (line.partition(":") for line in (text(path) or "").splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _refused(trouble: DeviceError, card: cards.Card, direction: cards.Direction, root: Path) -> Check:
    role, found = cards.ROLE[direction], str(trouble)
    if isinstance(trouble, DeviceBusy):
        by = cards.holder(card, direction, root) or "a program of another user"
        return failed(role, f"{found}, held by {by}", f"stop {by}; a sound server has no place on this device")
    if "ermission" in found:
        return failed(role, found, "run as root, or as a user in the group audio")
    if isinstance(trouble, DeviceMissing):
        return failed(role, found, "pull it out, plug it into another port, check again")
    return failed(role, found, f"take another {role}: this one grants nothing that can be used")


def _named(chosen: cards.Chosen) -> str:
    return f"{chosen.card.name} ({chosen.why})"


def _granted(granted: Granted) -> str:
    return f"{granted.rate} Hz, {granted.channels} channels, periods of {granted.period} in {granted.buffer} frames"
