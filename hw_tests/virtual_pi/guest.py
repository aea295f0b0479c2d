"""What is put on the disk besides Debian and the agent, file by file. Pure."""

from __future__ import annotations

from typing import Final

RELAY_PORT: Final = 8765
"""Where the machine finds the relay, on its own loopback: the end of a tunnel."""

BUTTON_LINE: Final = 0
RING_LINES: Final = (1, 2, 4)
"""Red, green, blue. The board has eight lines, and the third is its power key."""

DEVICE_ID: Final = "virtual-pi"

SETTINGS: Final = f"""\
device_id = "{DEVICE_ID}"
school_id = "emulated"
language = "en-PR"

[relay]
url = "ws://127.0.0.1:{RELAY_PORT}"

[microphone]
card = "Loopback"  # what is played on its PCM 1 is heard on its PCM 0

[speaker]
card = "auto"

[button]
gpio_pin = {BUTTON_LINE}
active_low = false  # a level that nobody drives is low here

[ring]
kind = "pwm_leds"
leds = 1
gpio_pins = {list(RING_LINES)}
"""

SOUND: Final = """\
options snd-aloop pcm_substreams=2
options snd-usb-audio quirk_flags=0x100000
"""
"""
Two streams, so that nobody has to wait for the other end of the first.

And the speaker's interface is reset whenever it has stopped (bit 20). Otherwise one that ran dry and is fed again
within the same frame can be lost for good: the OHCI driver of Linux 6.12 calls that transfer late and leaves it to the
end of the one before it to give it back (`ohci_urb_enqueue`, `finish_urb`), but there is none. So it was found in the
memory of a guest whose agent could not be killed. Run dry on purpose it was lost 3 times in 12 thousand, like this not
in 16 thousand; with `lowlatency=0` instead an agent could not be killed either. A feed that comes before Linux has seen
that the speaker ran dry stops nothing, and resets nothing.
"""

FILES: Final = {
    "etc/hostname": "virtual-pi\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 virtual-pi\n",
    "etc/fstab": "/dev/vda / ext4 defaults,noatime 0 1\n",
    "etc/systemd/network/10-wire.network": "[Match]\nName=en*\n[Network]\nDHCP=ipv4\n",
    "etc/modprobe.d/virtual-pi.conf": SOUND,
    "etc/modules-load.d/virtual-pi.conf": "snd-aloop\n",
    # When the system was last updated: without these, the first start does it again, for half a minute.
    "etc/.updated": "",
    "var/.updated": "",
    "etc/reading-corner/agent.toml": SETTINGS,
}

UNITS: Final = "etc/systemd/system"
WANTED: Final = ("systemd-networkd.service", "reading-corner.service")
"""Started with the system."""

SHIPPED: Final = {
    "reading-corner.service": f"{UNITS}/reading-corner.service",
    "reading-corner.service.d": f"{UNITS}/reading-corner.service.d",
    "reading-corner.sysusers": "usr/lib/sysusers.d/reading-corner.conf",
    "reading-corner.tmpfiles": "usr/lib/tmpfiles.d/reading-corner.conf",
    "reading-corner.rules": "etc/udev/rules.d/90-reading-corner.rules",
    "reading-corner.catalog": "usr/lib/systemd/catalog/reading-corner.catalog",
    "journald-persistent": "etc/systemd/journald.conf.d",
    "timesyncd.conf": "etc/systemd/timesyncd.conf.d/99-reading-corner.conf",
    "reboot-if-stuck": "usr/local/lib/reading-corner/reboot-if-stuck",
}
"""Where each file or folder of `systemd/` goes, as their first lines say."""

SETTLED_BY: Final = (("systemd-sysusers", "reading-corner.conf"), ("journalctl", "--update-catalog"))
"""What provisioning runs once these files are there; each replaces its files whole."""
