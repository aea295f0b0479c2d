"""The message catalogue: every kind of line in English and Spanish, for IT staff at a school."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent.journal.explained.board import BOARD
from agent.journal.explained.conversation import CONVERSATION
from agent.journal.explained.devices import DEVICES
from agent.journal.explained.life import LIFE
from agent.journal.explained.link import LINK
from agent.journal.explained.releases import RELEASES
from agent.journal.explained.text import Explained, Text
from agent.journal.lines import Line

CATALOG: Final[Mapping[Line, Explained]] = {**LIFE, **LINK, **CONVERSATION, **DEVICES, **BOARD, **RELEASES}

__all__ = ["CATALOG", "Explained", "Text"]
