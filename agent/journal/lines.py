"""Every kind of line that the agent writes into the journal: its MESSAGE_ID and how much it usually matters."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.observer import Fact


class Priority(enum.IntEnum):
    """Syslog levels, with what they promise to the reader."""

    ERROR = 3
    """Someone must act."""
    WARNING = 4
    """A class noticed."""
    INFO = 6
    """One line a turn and one a change of the link: a day fits on a screen."""
    DEBUG = 7
    """Every transition."""


class Line(enum.Enum):
    """
    Kinds of lines; `journalctl MESSAGE_ID=...` finds all of one kind, `-x` explains them.

    `message_id` is 128 bits in lower-case hexadecimal and never changes; `priority` is the usual one.
    """

    def __init__(self, message_id: str, priority: Priority) -> None:
        self.message_id, self.priority = message_id, priority

    # The agent's own life.
    STARTED = "f2c7e6a1d0b94c38a5e1b7c9d4f60213", Priority.INFO
    READY = "33ed7f3b21c8435fa6896c32b9b9345f", Priority.INFO
    STOPPED = "0a9d3c5e7b1f4e62b8c4d6f8a0e21357", Priority.INFO
    DIED = "002acf08622145d7862ea880f45c9998", Priority.ERROR
    BAD_SETTINGS = "89e95acd0c6c4a398176a9b8428b5a24", Priority.ERROR
    STALE = "5f4e44fc56974c93b71c4f6345e688da", Priority.ERROR
    MOVES = "7c1d0f6a9be34b0f8f52a6c3e17d4b88", Priority.INFO
    LIBRARY = "edc8b50860bb4ae0afc57249d4bc3d61", Priority.WARNING
    STATUS_SOCKET = "d10c7be2f3a84f6db1a95e70c26d3f41", Priority.WARNING
    METRICS_FILE = "9f5dba5da60f4aefa37b0f5d36d74253", Priority.WARNING
    HOURS_OPENED = "d407ce27a42845888a21122b5b43be91", Priority.INFO
    HOURS_CLOSED = "b5d94439377f43bc8d07eec84ab2b739", Priority.INFO
    HEALTH = "28e6097d5028446f8030a10baf0653d2", Priority.DEBUG
    HEALTH_CHANGED = "45858d7e19804f3bafb543b2e6a90056", Priority.WARNING

    # The link: what it is down for, each in its own way.
    LINK_UP = "6b1e8f3a2c4d4950a7b6c5d4e3f2a190", Priority.INFO
    LINK_LOST = "9c2f7a4b3d5e4a61b8c7d6e5f4a3b201", Priority.WARNING
    LINK_PLANNED = "a702ef381bbe4d648766903a814aabf8", Priority.INFO
    NAME_NOT_FOUND = "aedd4726df634b3d96b265293abce009", Priority.WARNING
    UNREACHABLE = "c62789e1c1de40108bbb84b84ef3d6b8", Priority.WARNING
    TOKEN_REFUSED = "9d564bb25a2f41a3a6fa581957d58b4b", Priority.ERROR
    NO_TOKEN = "15b27868a9754b24af5bc142bf955073", Priority.ERROR
    TOKEN_ROTATED = "ed2073bc3042436aae351f94239aa1f1", Priority.INFO
    TOKEN_NOT_KEPT = "d6420567307743beac0869a2aee1b545", Priority.ERROR
    LIMITED = "fe5a71805bed440c897bc65349a1d853", Priority.WARNING
    CLOCK_BEHIND = "deaa6cdfb0024cafa4bbf22622c3bce8", Priority.WARNING
    CERTIFICATE = "c722eb84c3e24178b51604c87353c0e9", Priority.ERROR
    PORTAL = "2079ab2a3efa4c569b9d5e3a11ea211e", Priority.ERROR
    MISCONFIGURED = "c3bc9aab34f94d9d964281628fa48c92", Priority.ERROR
    SILENT = "257cb2f9bd4f44588a53db43d8dcce2a", Priority.WARNING

    # A conversation.
    TURN = "3d8a5b6c7e9f4b72a9d8e7f6a5b4c312", Priority.INFO
    UNANSWERED = "93ce9fa0bcd34fb6edbccbdae9f8a756", Priority.WARNING
    DROPPED = "5e9b6c7d8fa04c83bae9f8a7b6c5d423", Priority.WARNING
    TOO_LONG = "8e524b2caf4c4bf2b91986397d0c5b6a", Priority.INFO
    PROMPT = "7fac7d8e9ab14d94cbfaa9b8c7d6e534", Priority.INFO
    ODD_EVENT = "81bd8e9fabc24ea5dcabbac9d8e7f645", Priority.INFO
    RELAY_ERROR = "c3ba2332932047cda59e5bd7277a8ac1", Priority.INFO
    SCENE = "3b885843ce134d6bb1132b3056afd934", Priority.DEBUG
    STEP = "4352765979d846e9883509c73bff4849", Priority.DEBUG

    # What has a plug or a pin. AGENT_WHICH says which: there is one advice for each way out of a socket.
    DEVICE_LOST = "b7e0b1c2def561d80fdeedfc0b1ac978", Priority.ERROR
    DEVICE_FOUND = "a5dfa0b1cde450c7fecddcebfa09b867", Priority.INFO
    BUTTON_STUCK = "3396db9464134eefa8b2b1aa26d32003", Priority.ERROR
    BUTTON_FREE = "f6970f8798944a54b69b4278fda75426", Priority.INFO
    NO_LIGHT = "ca35eef7256a44d19a0a8e525cb9cdd8", Priority.ERROR

    # The board. What is wrong has an id of its own, what is well again shares one: it needs no advice.
    UNDERVOLTAGE = "404628afe18d4162a0de3f32baa19642", Priority.ERROR
    HOT = "78dac9c545bd46deaa85f6cc48c193c7", Priority.WARNING
    LITTLE_MEMORY = "872d7293917e4c79b2651bbac626c4dc", Priority.WARNING
    OWN_MEMORY = "504813931f264261b02625ec4c9834e2", Priority.WARNING
    DISK_FULL = "b29b6170a5b74846ac54b2f6dd1023b1", Priority.ERROR
    CLOCK_STEPPED = "e9168e03617d4d56952551993bd4a830", Priority.WARNING
    WIFI_POWER_SAVE = "416ae898aa084f0483c314496094e768", Priority.WARNING
    DISK_READ_ONLY = "3fb527d4d2094371bb471146267f8a90", Priority.ERROR
    BOARD_WELL = "cc620ac387c64ac69ad26fbba409095e", Priority.INFO

    # Releases. Written by the program that changes them, which must work when the agent does not.
    RELEASE_INSTALLED = "87e1a9d5c90e438c8623f641d336e286", Priority.INFO
    RELEASE_ROLLED_BACK = "cf058f18b6174e03b7cd5d0e99b6294e", Priority.WARNING


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One line that is meant to be written.

    `topic` is what it is about: entries of one topic share what the journal has room for.
    """

    line: Line
    priority: Priority
    message: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    topic: str = ""
