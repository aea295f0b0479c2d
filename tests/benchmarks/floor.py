"""What nobody can do better on these devices: bare loops, without an agent."""

from __future__ import annotations

import base64
import json
import random
import socket
import threading
import time
from contextlib import closing, contextmanager
from queue import Queue

import numpy as np
from websockets.sync.client import connect

from agent.app import monotonic
from agent.devices.wake import EventWake
from agent.units import FRAME_SAMPLES, PERIOD_SAMPLES
from tests.benchmarks.rig import StampedMicrophone, StampedSpeaker

SOUND = np.full(PERIOD_SAMPLES, 1000, np.int16)
MESSAGE_PERIODS = 2 * FRAME_SAMPLES // PERIOD_SAMPLES
"""40 ms of speech, as the agent sends it."""


def speaker(times):
    """From a flag to the drop by a bare loop that looks at the flag once a period, in seconds."""
    told, device, flag = [], StampedSpeaker(), Queue()

    def step():
        device.wait(wake)
        if not flag.empty():
            device.drop()
            told.append(flag.get())
            flag.task_done()
        device.write(SOUND)

    with closing(EventWake()) as wake, _looping(step):
        for _ in range(times):
            _raise(flag)
    return np.array([cut.dropped_at - at for cut, at in zip(device.cuts, told, strict=True)])


def microphone(messages):
    """
    Speech by a bare loop that sends every 40 ms to a bare socket.

    Returns:
        Seconds of every sample, of the first of each message, and from a flag to a message at the next period.

    """
    device, kept, every, ends = StampedMicrophone(), [], [], []
    flag, (near, far) = Queue(), socket.socketpair()

    def step():
        kept.append(device.read())
        if len(kept) == MESSAGE_PERIODS:
            pcm = np.concatenate(kept)
            kept.clear()
            near.sendall(json.dumps({"audio": base64.b64encode(pcm.tobytes()).decode()}).encode())
            every.append(monotonic() - device.captured(pcm))
            far.recv(2**16)
        if not flag.empty():
            near.sendall(b"{}")
            ends.append(monotonic() - flag.get())
            far.recv(2**16)
            flag.task_done()

    with near, far, _looping(step):
        while len(every) < messages:
            _raise(flag)
    waited = np.array(every)
    return waited.ravel(), waited[:, 0], np.array(ends)


def dial(url, token, times):
    """From the dial to `session.updated` by a blocking client that does nothing else, in seconds."""
    took = []
    for _ in range(times):
        began = monotonic()
        with connect(url, additional_headers={"Authorization": f"Bearer {token}"}, compression=None) as link:
            while json.loads(link.recv())["type"] != "session.updated":
                pass
            took.append(monotonic() - began)
    return np.array(took)


def _raise(flag):
    """Raise a flag and wait until it was acted upon."""
    time.sleep(random.uniform(0.05, 0.08))  # or all would meet a period at the same moment
    flag.put(monotonic())
    flag.join()


@contextmanager
def _looping(step):
    over = threading.Event()

    def body():
        while not over.is_set():
            step()

    thread = threading.Thread(target=body)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
