"""Trees of files laid out as a Raspberry Pi's kernel and systemd do."""

from pathlib import Path


def tree(root, files):
    """Write files by their paths below `root`."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def verdicts(checks):
    """What became of each check, by its name."""
    return {check.name: check.verdict.value for check in checks}


def only(checks, name):
    (found,) = (check for check in checks if check.name == name)
    return found


CARD = Path("proc/asound/card1")
BUS = "sys/devices/usb1/1-1/1-1.3"

USB_CARD = {
    "proc/asound/cards": " 1 [Device         ]: USB-Audio - USB Audio Device\n",
    "proc/asound/card1/pcm0c/sub0/status": "closed\n",
    "proc/asound/card1/pcm0p/sub0/status": "closed\n",
    f"{BUS}/idVendor": "0d8c\n",
    f"{BUS}/idProduct": "0014\n",
}
"""A card that is microphone and speaker; `plug` puts it in."""


def plug(root):
    tree(root, USB_CARD)
    interface = root / BUS / "1-1.3:1.0"
    interface.mkdir(parents=True)
    card = root / "sys/class/sound/card1"
    card.mkdir(parents=True)
    (card / "device").symlink_to(interface)
    return root


def start_service(root, process, *threads):
    """Let the agent's service run."""
    group = "sys/fs/cgroup/system.slice/reading-corner.service"
    everyone = "".join(f"{thread}\n" for thread in (process, *threads))
    return tree(root, {f"{group}/cgroup.procs": f"{process}\n", f"{group}/cgroup.threads": everyone})
