"""What is too hot, too little or too slow on a board, and what a person can do about it: `check` and health agree."""

from __future__ import annotations

from typing import Final

HOT_C: Final = 80.0
"""Degrees Celsius at which the firmware begins to slow the processor down (Raspberry Pi documentation, "Frequency
management and thermal control"). Without `vcgencmd` nothing but the temperature tells of it."""

LITTLE_MEMORY_MB: Final = 100
"""Twice what the agent may take (45 MB of its own), so that an update next to it does not end in the OOM killer."""

LITTLE_DISK_MB: Final = 500
"""A second release beside the running one, with its own numpy, and room for the system's own updates."""

OWN_MEMORY_MB: Final = 120
"""Resident and swapped memory of the agent itself. It takes 57 MB after minutes of conversation (README, Figures) and
may grow by 1 MB in a school day, so twice that is a leak; the least of the boards (512 MB) can still bear it."""

SUPPLY: Final = "use the power supply made for this board, a shorter cable, and a hub with its own supply"
AIR: Final = "give it air or a heat sink; the voice will break up"
STOP_OTHERS: Final = "stop what else runs here: ps -eo rss,comm --sort -rss | head"
MAKE_ROOM: Final = "make room: sudo apt clean, sudo journalctl --vacuum-size=50M"
CARD_WORN: Final = "if nobody made it so, the SD card is worn out: replace it"
TIME_SERVER: Final = "let UDP port 123 out, or name the school's time server in /etc/systemd/timesyncd.conf.d/"
NO_POWER_SAVE: Final = (
    "wifi.powersave = 2 below [connection] in /etc/NetworkManager/conf.d/, then restart NetworkManager"
)
