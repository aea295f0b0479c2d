"""The room of a simulation: devices made of files or of this machine's sound card, a finger, a ring of dots."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from agent.app import monotonic
from agent.audio.level import dbfs
from agent.devices.ports import Devices, Microphone, Speaker
from agent.devices.wake import until_woken
from agent.simulator.button import FingerButton
from agent.simulator.microphone import FileMicrophone
from agent.simulator.ring import MemoryRing
from agent.simulator.speaker import FileSpeaker
from agent.simulator.timeline import Record, Timeline, Which
from agent.simulator.wav import WavWriter
from agent.units import Pcm, Seconds


class Room:
    """
    Devices, and what listens to them.

    Args:
        leds: Of the ring.
        alsa: A PCM name for this machine's sound card; None for a student and a speaker made of files.
        recording: Where to write what the speaker played; None not to.
        timeline: Told the levels.
        leaving: Closes everything.

    Raises:
        BadInput: If the recording can not be written.
        DeviceError: If the sound card can not be used.

    """

    def __init__(
        self, leds: int, alsa: str | None, recording: Path | None, timeline: Timeline, leaving: ExitStack
    ) -> None:
        self.button = FingerButton(monotonic)
        self.ring = MemoryRing(leds)
        self.student: FileMicrophone | None = None
        self._timeline = timeline
        microphone, speaker = self._made_of_files(recording, leaving) if alsa is None else _sound_card(alsa)
        self.devices = Devices(microphone, speaker, self.button, self.ring)
        leaving.callback(self.devices.close)

    def speak_when_listened_to(self, speech: Sequence[Pcm]) -> None:
        """Let the student say the next of these whenever the gate opens, for a person who only has a space bar."""
        student, turns = self.student, cycle(speech)

        def told(record: Record) -> None:
            if student is not None and record.kind == "gate" and record.facts["open"]:
                student.say(next(turns))

        self._timeline.follow(told)

    def _made_of_files(self, recording: Path | None, leaving: ExitStack) -> tuple[Microphone, Speaker]:
        record = None if recording is None else leaving.enter_context(WavWriter(recording)).write
        self.student = FileMicrophone(monotonic, time.sleep, self._heard)
        return self.student, FileSpeaker(monotonic, until_woken, record, self._played)

    def _heard(self, pcm: Pcm) -> None:
        self._timeline.level(Which.MICROPHONE, dbfs(pcm))

    def _played(self, pcm: Pcm, _at: Seconds) -> None:
        self._timeline.level(Which.SPEAKER, dbfs(pcm))


def _sound_card(pcm_name: str) -> tuple[Microphone, Speaker]:
    from agent.devices.alsa import AlsaMicrophone, AlsaSpeaker  # not every laptop can, and most simulations need not

    return AlsaMicrophone(pcm_name), AlsaSpeaker(pcm_name)
