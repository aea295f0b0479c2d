"""
An `alsaaudio` without ALSA: cards that grant, refuse, run dry and come loose as with the kernel and pyalsaaudio 0.11.

Time passes only where somebody waits, in a poll; so that is faked along with it.
"""

import errno
import os
import select
from dataclasses import dataclass, field

import numpy as np

SETUP, PREPARED, RUNNING, XRUN = 1, 2, 3, 4
"""`snd_pcm_state_t`."""

FORMATS = {"S16_LE": (2, 2), "S24_LE": (6, 4)}
"""`snd_pcm_format_t`, and bytes a sample."""

NEVER = float("inf")


class ALSAAudioError(Exception):
    """Has a message and no number."""


def silence(_first, count, channels):
    return np.zeros((count, channels))


@dataclass
class FakeCard:
    """What one direction of a card can do, and what is the matter with it."""

    rates: tuple[int, ...] = (24_000,)
    channels: tuple[int, ...] = (1,)
    formats: tuple[str, ...] = ("S16_LE",)
    periods: tuple[int, int] = (16, 4096)
    """The shortest and the longest, in frames."""
    holds: int = 1_000_000
    """Frames, at most."""
    source: object = silence
    """What its microphone hears from a frame on, counted from the last start: shape (count, channels)."""
    failing: dict[str, int | list[int]] = field(default_factory=dict)
    """The error number that a call is answered with, for ever or, in a list, call by call; "every" call has one too."""
    stops_at: float = NEVER
    """When its clock stops."""
    says_ready: bool = False
    """Whether its descriptor is ready all the time."""
    takes: int = 1_000_000
    """Frames of a write, at most."""
    is_torn: bool = False
    """Whether reads end in the middle of a frame, as no version of the binding is known to do."""
    heard: list[np.ndarray] = field(default_factory=list)
    """What was played so far, as of the last drop, underrun or close: shape (count, channels) each."""
    is_held: bool = False
    """By whoever: a second one is refused."""

    def trouble(self, call):
        """The error number of this call; 0 if all is well."""
        code = self.failing.get(call, self.failing.get("every", 0))
        if isinstance(code, list):
            return code.pop(0) if code else 0
        return code

    def meet(self, call, device):
        """Say so in pyalsaaudio's way."""
        if code := self.trouble(call):
            raise ALSAAudioError(f"{os.strerror(code)} [{device}]")


class FakeAlsa:
    """Stands for `alsaaudio` and, with the time of its cards, for `select` and `time`."""

    ALSAAudioError = ALSAAudioError
    PCM_PLAYBACK, PCM_CAPTURE, PCM_NONBLOCK, PCM_FORMAT_S16_LE = 0, 1, 1, 2
    POLLIN = select.POLLIN

    def __init__(self, cards):
        self.now, self.cards, self.pcms, self.polls = 1000.0, cards, {}, 0
        self.held_up = 0.0
        """For how long whoever waits next does not notice that the wait is over, in seconds."""

    def install(self, patch):
        """Put it in place of the real ones."""
        for name in ("pcm.alsaaudio", "alsa.alsaaudio", "pcm.select", "pcm.time"):
            patch.setattr(f"agent.devices.{name}", self)

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    def poll(self):
        return FakePoll(self)

    def PCM(self, type, device, **wanted):  # noqa: A002, N802  as the binding has it
        card = self.cards.get(device, FakeCard(failing={"open": errno.ENOENT}))
        card.meet("open", device)
        if card.is_held:
            raise ALSAAudioError(f"{os.strerror(errno.EBUSY)} [{device}]")
        return (FakePlayback if type == self.PCM_PLAYBACK else FakeCapture)(self, card, device, **wanted)


class FakePoll:
    """`select.poll` on the time of the cards; other descriptors are really looked at."""

    def __init__(self, alsa):
        self._alsa, self._watched = alsa, set()

    def register(self, descriptor, _events):
        self._watched.add(descriptor)

    def poll(self, milliseconds):
        alsa = self._alsa
        alsa.polls += 1
        pcms = [alsa.pcms[one] for one in self._watched if one in alsa.pcms]
        woken = select.select([one for one in self._watched if one not in alsa.pcms], [], [], 0)[0]
        if not woken:
            alsa.now = min([alsa.now + milliseconds / 1000, *(max(alsa.now, pcm.ready_at()) for pcm in pcms)])
            alsa.now, alsa.held_up = alsa.now + alsa.held_up, 0.0
        ready = [pcm.descriptor for pcm in pcms if pcm.ready_at() <= alsa.now]
        return [(descriptor, select.POLLIN) for descriptor in woken + ready]


class FakePcm:
    """`alsaaudio.PCM` in NONBLOCK mode on a `hw:` device that moves frames one by one."""

    def __init__(self, alsa, card, device, mode, rate, channels, format, periodsize, periods):  # noqa: A002 -- pyalsaaudio calls it so
        assert mode == FakeAlsa.PCM_NONBLOCK
        self._alsa, self._card, self._device = alsa, card, device
        self.rate = min(card.rates, key=lambda each: abs(each - rate))
        self.channels = channels if channels in card.channels else card.channels[0]
        self.format = next((name for name in card.formats if FORMATS[name][0] == format), card.formats[0])
        self.frame = self.channels * FORMATS[self.format][1]
        self.period = min(max(periodsize, card.periods[0]), card.periods[1])
        self.buffer = min(self.period * periods, card.holds)
        self._state, self._started, self._moved = PREPARED, 0.0, 0
        self.descriptor = 1_000_000 + len(alsa.pcms)
        alsa.pcms[self.descriptor] = self
        card.is_held = True

    def info(self):
        names = ("rate", "channels", "format_name", "period_size", "buffer_size")
        return dict(zip(names, (self.rate, self.channels, self.format, self.period, self.buffer), strict=True))

    def polldescriptors(self):
        self._card.meet("polldescriptors", self._device)
        return [(self.descriptor, select.POLLIN | select.POLLERR | select.POLLNVAL)]

    def polldescriptors_revents(self, ready):
        assert [descriptor for descriptor, _ in ready] == [self.descriptor]
        self._card.meet("polldescriptors_revents", self._device)

    def ready_at(self):
        """When its descriptor is ready, if nothing happens before; at once if there is trouble."""
        if self._card.says_ready or "every" in self._card.failing:
            return self._alsa.now
        due = self._alsa.now + max(0, self.period - self.ready()) / self.rate
        return due if self._state in (RUNNING, XRUN) and due < self._card.stops_at else NEVER

    def avail(self):
        """Frames; negative numbers are errors and not raised."""
        if code := self._card.trouble("avail") or (self._state == SETUP) * errno.EBADFD:
            return -code
        ready = self.ready()
        return -errno.EPIPE if self._state == XRUN else ready

    def drop(self):
        self._card.meet("drop", self._device)
        self._stop(SETUP)

    def close(self):
        """A playing one drains what it holds first, which is time that nobody has; closing twice is fine."""
        if self._alsa.pcms.pop(self.descriptor, None):
            assert self._state != RUNNING or self._card.failing, "drop before closing"
            self._stop(SETUP)
            self._card.is_held = False

    def _start(self):
        if self._state in (SETUP, PREPARED):
            self._state, self._started, self._moved = RUNNING, self._alsa.now, 0

    def _stop(self, state):
        self._state = state

    def _position(self):
        """Frames that the converter has moved since the start."""
        return int((min(self._alsa.now, self._card.stops_at) - self._started) * self.rate + 0.001)


class FakeCapture(FakePcm):
    """From a microphone."""

    def read(self):
        """Up to a period; 0 and nothing when there is none, -EPIPE and nothing (but mended) when some were lost."""
        code = self._card.trouble("read")
        if code not in (0, errno.EAGAIN, errno.EPIPE):
            raise ALSAAudioError(f"{os.strerror(code)} [{self._device}]")
        self._start()
        count = min(self.ready(), self.period)
        if code == errno.EAGAIN:
            return 0, b""
        if code == errno.EPIPE or self._state == XRUN:
            self._stop(PREPARED)
            return -errno.EPIPE, b""
        data = np.asarray(self._card.source(self._moved, count, self.channels)).astype("<i2").tobytes()
        self._moved += count
        return count, data[1:] if self._card.is_torn else data

    def ready(self):
        """Frames to read; notices an overrun."""
        if self._state not in (RUNNING, XRUN):
            return 0
        ready = self._position() - self._moved
        self._state = XRUN if ready > self.buffer else self._state
        return ready


class FakePlayback(FakePcm):
    """To a loudspeaker."""

    def __init__(self, *arguments, **wanted):
        super().__init__(*arguments, **wanted)
        self._written = np.zeros((0, self.channels), np.int16)

    def write(self, data):
        """Frames taken; 0 when there is no room, -EPIPE and nothing taken (but mended) when it ran dry."""
        if len(data) % self.frame:
            raise ALSAAudioError("Data size must be a multiple of framesize")
        code = self._card.trouble("write")
        if code not in (0, errno.EAGAIN, errno.EPIPE):
            raise ALSAAudioError(f"{os.strerror(code)} [{self._device}]")
        room = self.ready()
        if code == errno.EPIPE or self._state == XRUN:
            self._stop(PREPARED)
            return -errno.EPIPE
        count = min(len(data) // self.frame, room, self._card.takes)
        if code == errno.EAGAIN or not count:
            return 0
        self._start()
        taken = np.frombuffer(data[: count * self.frame], "<i2").reshape(-1, self.channels)
        self._written = np.concatenate((self._written, taken))
        self._moved += count
        return count

    def ready(self):
        """Frames of room; notices an underrun."""
        if self._state not in (RUNNING, XRUN):
            return self.buffer
        queued = self._moved - self._position()
        self._state = XRUN if queued <= 0 else self._state
        return self.buffer - queued

    def _stop(self, state):
        played = self._position() if self._state in (RUNNING, XRUN) else 0
        self._card.heard.append(self._written[:played])
        self._written = self._written[:0]
        super()._stop(state)
